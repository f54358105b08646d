"""`interlock preview` as a person, a script and a pull request see it."""

from __future__ import annotations

import json
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
    assert facts["counts"] == {"create": 9, "update": 0, "replace": 0, "delete": 0, "same": 0}
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
    assert out.rstrip().endswith("1 update, 101 same; 1 violation")


def test_markdown_is_one_comment_with_a_marker(repo: Any, call: Any) -> None:
    repo.edit(STAGING, "publicly_accessible: false", "publicly_accessible: true")
    code, out, _ = call("--env", "staging", "--offline", "--base", "HEAD", "--format", "markdown")
    assert code == 1
    assert out.startswith(
        "<!-- interlock.preview/1 preview staging -->\n### interlock preview staging: refused\n"
    )
    assert "| error | INF102 | config/environments/staging.yaml:" in out


def test_a_missing_fact_is_one_sentence(repo: Any, call: Any) -> None:
    repo.edit(STAGING, "image_id: ami-0a1b2c3d4e5f60718", "image_id: null")
    code, out, err = call("--env", "staging", "--offline")
    assert (code, out) == (1, "")
    assert err.startswith("interlock: infra/program.py:")
    assert "infrastructure.host.image_id needs a machine image for compute vps" in err
    assert "Traceback" not in err


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
