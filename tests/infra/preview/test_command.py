"""`interlock preview` as a person, a script and a pull request see it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ci.main import main
from infra.driver import Driver
from infra.toolchain import Toolchain
from infra.workspace import offline

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("preview")]
STAGING = "config/environments/staging.yaml"


@pytest.fixture
def call(repo: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(repo.root / "config")

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["preview", "--state", str(repo.state), *words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_json_says_what_it_proves_and_what_not(call: Any) -> None:
    code, out, _ = call("--env", "dev", "--offline", "--format", "json")
    answer = json.loads(out)
    assert (code, answer["schema"], answer["exit_code"]) == (0, "interlock.preview/1", 0)
    facts = answer["facts"]
    assert facts["engine"] == "offline"
    assert facts["counts"] == {"create": 12, "update": 0, "replace": 0, "delete": 0, "same": 0}
    assert len(facts["plan_digest"]) == 64
    assert facts["proves"]
    assert "no cloud was read" in facts["does_not_prove"][0]
    assert {"tool_root", "judged_root"} <= set(facts)


def test_the_same_plan_has_the_same_digest(call: Any) -> None:
    digests = [
        json.loads(call("--env", "dev", "--offline", "--format", "json")[1])["facts"]["plan_digest"]
        for _ in range(2)
    ]
    assert digests[0] == digests[1]


def test_text_points_at_the_line_with_a_caret(repo: Any, call: Any) -> None:
    repo.edit(STAGING, "publicly_accessible: false", "publicly_accessible: true")
    code, out, _ = call("--env", "staging", "--offline", "--base", "HEAD")
    assert code == 1
    lines = out.splitlines()
    assert lines[0].startswith(f"{STAGING}:")
    assert "error[INF102] interlock-staging-postgres: the database must have no public address" in lines[0]
    assert lines[1].endswith("|     publicly_accessible: true")
    assert lines[2].endswith("^^^^")
    assert out.rstrip().endswith("1 update, 108 same; 1 violation")


def test_a_preview_shows_rules_flags_and_the_proof(repo: Any, call: Any) -> None:
    flag = "    accounts: [ACCT-STG-1]\n    percent: 0.0\n"
    repo.edit(STAGING, flag, "    accounts: []\n    percent: 0.0\n")
    code, out, _ = call("--env", "staging", "--offline", "--base", "HEAD", "--prove", "--format", "json")
    answer = json.loads(out)
    tables = {table["name"]: table["rows"] for table in answer["tables"]}
    (blast,) = tables["blast radius"]
    assert code == 0
    assert (blast["flag"], blast["closes"]) == ("paper_trading_enabled", "ACCT-STG-1")
    policies = {row["rule"]: row for row in tables["policies"]}
    shown = policies["INF102"]
    assert [shown[key] for key in ("resources", "proven", "violations")] == ["6", "yes", ""]
    assert len(policies) == 25
    made, refused = re.match(
        r"([0-9,]+) dangerous properties: ([0-9,]+) refused", answer["facts"]["proof"]
    ).groups()
    assert int(made.replace(",", "")) > 1200
    assert int(refused.replace(",", "")) > 600
    assert answer["facts"]["proof"].endswith("each for a recorded reason")


def test_markdown_is_one_comment_with_a_marker(repo: Any, call: Any) -> None:
    repo.edit(STAGING, "publicly_accessible: false", "publicly_accessible: true")
    code, out, _ = call("--env", "staging", "--offline", "--base", "HEAD", "--format", "markdown")
    assert code == 1
    assert out.startswith(
        "<!-- interlock.preview/1 preview staging -->\n### interlock preview staging: refused\n"
    )
    assert "| error | INF102 | config/environments/staging.yaml:" in out


FACTS = [
    ("image_id: ami-0a1b2c3d4e5f60718", "image_id: null", "error[INF013] vps needs `image_id`"),
    (
        "instance_class: db.t4g.medium",
        "instance_class: db.t4g.meduim",
        "error[INF017] there is no size `db.t4g.meduim` for a database",
    ),
    ("us-east-1a, us-east-1b", "us-east-1a, us-east-1z", "error[INF018] there is no zone `us-east-1z`"),
    (
        'engine_version: "17"',
        'engine_version: "71"',
        "error[INF019] no PostgreSQL 71 runs on RDS, but 14, 15, 16, 17, 18",
    ),
    ("10.20.16.0/24", "10.20.16.0/29", "error[INF011] 10.20.16.0/29 is no network"),
]


@pytest.mark.parametrize(("old", "new", "message"), FACTS)
def test_a_fact_no_plan_can_be_made_of_is_refused_at_its_line(
    repo: Any, call: Any, old: str, new: str, message: str
) -> None:
    repo.edit(STAGING, old, new)
    code, out, _ = call("--env", "staging", "--offline")
    lines = (repo.root / STAGING).read_text().splitlines()
    line = next(at for at, text in enumerate(lines, 1) if new in text)
    assert code == 1
    assert f"{STAGING}:{line}:" in out
    assert message in out
    assert "refused before anything was planned" in out


@pytest.mark.parametrize(
    ("region", "message", "way_out"),
    [
        ("us-esat-1", "region `us-esat-1` does not exist", "did you mean `us-east-1`?"),
        ("eu-west-1", "region `eu-west-1` is not the region of its zones", "its zones lie in us-east-1"),
    ],
)
def test_a_region_that_does_not_fit_is_refused_in_the_stacks_file(
    repo: Any, call: Any, region: str, message: str, way_out: str
) -> None:
    repo.edit("infra/stacks/Pulumi.staging.yaml", "us-east-1", region)
    code, out, _ = call("--env", "staging", "--offline")
    assert code == 1
    assert f"infra/stacks/Pulumi.staging.yaml:4:15: error[INF196] {message}" in out
    assert way_out in out


def test_a_refused_file_is_refused_before_the_engine_runs(repo: Any, call: Any) -> None:
    repo.edit(STAGING, "backup_days: 7", "backup_days: seven")
    code, out, _ = call("--env", "staging", "--offline")
    assert code == 1
    assert "backup_days" in out
    assert "refused before anything was planned" in out


def test_an_unknown_base_is_a_usage_error(call: Any) -> None:
    code, _, err = call("--env", "dev", "--offline", "--base", "nowhere")
    assert (code, err.splitlines()[0]) == (2, "interlock: `nowhere` names no commit here")


def test_a_missing_backend_is_told_and_never_green(
    call: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "x")
    code, out, err = call("--env", "dev")
    assert (code, out) == (5, "")
    assert err.startswith("interlock: no stack named 'dev' found\nhelp: name the backend")


def _driver(repo: Any, toolchain: Toolchain, stack: str, folder: Path) -> Driver:
    driver = Driver(toolchain.cli, offline(folder, repo.root, stack, toolchain), time.monotonic)
    driver.create()
    assert driver.up().ok
    return driver


def test_destroy_works_in_dev(repo: Any, toolchain: Toolchain, tmp_path: Path) -> None:
    driver = _driver(repo, toolchain, "dev", tmp_path / "dev")
    assert driver.destroy().ok
    assert '"resources": {\n\n}' in (tmp_path / "dev" / "cloud.json").read_text()


PASTED = "Hunter2" + "hunter2-canary"


def test_a_pasted_secret_is_refused_before_the_engine_runs(repo: Any, call: Any, tmp_path: Path) -> None:
    repo.edit(STAGING, "  compute: vps", f"  compute: vps  # robinhood password = {PASTED}")
    kept = set(repo.state.rglob("*"))
    code, out, err = call("--env", "staging", "--offline", "--base", "HEAD")
    assert code == 1
    assert f"{STAGING}:" in out.splitlines()[0]
    assert "error[SEC001]" in out.splitlines()[0]
    assert out.rstrip().endswith("refused before anything was planned")
    assert PASTED not in out + err
    assert set(repo.state.rglob("*")) == kept


def test_an_unbuilt_image_is_told_in_words(call: Any) -> None:
    code, out, _ = call("--env", "production", "--offline")
    assert code == 0
    assert "service.image is null: a marked placeholder stands in this plan" in out


def _script(file: Path, body: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def test_an_old_cli_and_no_registry_is_told_and_never_green(
    call: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _script(tmp_path / "bin" / "pulumi", "echo v3.100.0")
    body = 'test "$1" = env && { echo go1.27.0; exit 0; }; echo "dial tcp: lookup proxy: no such host" >&2; exit 1'
    _script(tmp_path / "bin" / "go", body)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    code, out, err = call("--env", "dev", "--offline")
    assert (code, out) == (5, "")
    told = [line for line in err.splitlines() if line.startswith(("interlock:", "help:"))]
    assert told[0] == "interlock: pulumi could not be built: dial tcp: lookup proxy: no such host"
    assert "put pulumi 3.259.0 on PATH" in told[1]
    assert "Traceback" not in err


def test_two_previews_at_once_answer_the_same(repo: Any, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ci.main", "preview", "--env", "dev", "--offline", "--base", "HEAD"]
    words += ["--state", str(tmp_path / "state"), "--format", "json"]
    children = [
        subprocess.Popen(words, cwd=repo.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [child.communicate(timeout=120) for child in children]
    assert [child.returncode for child in children] == [0, 0], answers
    digests = {json.loads(out)["facts"]["plan_digest"] for out, _ in answers}
    assert len(digests) == 1
    assert [path.name for path in (tmp_path / "state" / "preview" / "bases").glob("making-*")] == []
