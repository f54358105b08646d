"""A reconcile on the user's own backend with the real Pulumi engine; only AWS itself is the stand-in.

`preview` and `reconcile` run here exactly as with credentials: the user's environment, home, passphrase and state.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ci.delivery.cloud import Cloud
from ci.delivery.stack import BACKEND, cloud_of
from ci.git import CommitTree, Repository
from config.models.environment import Environment, Redis
from infra.local import Local
from infra.offline.__main__ import CLOUD_VARIABLE
from infra.toolchain import Toolchain, ensure
from infra.workspace import place_provider
from tests.desk import TREE, Desk

ROOMS = ("config", "infra", "policies")
CANARY = "c4n4ry-51d0-never-shown"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
WALLS, STRANGER = "interlock-staging-database", "sgr-0badc0ffee0badc0f"
DATABASE, CACHE = "interlock-staging-postgres", "interlock-staging-valkey"


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """The pinned CLI; built when it is missing, never skipped."""
    return ensure(lambda line: None)


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toolchain: Toolchain) -> Path:
    """What somebody with credentials has in his environment; under the provider's name stands the stand-in."""
    for made in ("bin", "backend", "home"):
        (tmp_path / made).mkdir()
    place_provider(tmp_path / "bin" / "pulumi-resource-aws")
    monkeypatch.setenv(
        "PATH", os.pathsep.join((str(tmp_path / "bin"), str(toolchain.folder), os.environ["PATH"]))
    )
    monkeypatch.setenv(BACKEND, f"file://{tmp_path / 'backend'}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of this test")
    monkeypatch.setenv("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
    monkeypatch.setenv("INTERLOCK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv(CLOUD_VARIABLE, str(tmp_path / "cloud.json"))
    return tmp_path


@pytest.fixture
def program(account: Path) -> CommitTree:
    """This tree's own program and facts, with a secret of its own: the test's servers speak no TLS, which the rules
    would refuse in a cloud."""
    root = account / "program"
    for room in ROOMS:
        shutil.copytree(TREE / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TREE / "Pulumi.yaml", root)
    repository = Repository.create(root, "main")
    for words in (
        ["stack", "init", "staging"],
        ["config", "set", "--secret", "interlock:cacheAuthToken", CANARY, "--stack", "staging"],
        ["stack", "rm", "--yes", "--preserve-config", "--stack", "staging"],
    ):
        subprocess.run(["pulumi", *words, "--non-interactive"], cwd=root, check=True, capture_output=True)
    return repository.commit_tree(repository.commit_paths(["."], "the program", "Ann <ann@example.com>"))


@pytest.fixture
def cloud(account: Path, program: CommitTree) -> Callable[[CommitTree, Environment], Cloud]:
    """What the command builds."""
    now = datetime(2026, 11, 18, 15, tzinfo=UTC)

    def build(tree: CommitTree, environment: Environment) -> Cloud:
        return cloud_of(program, environment, account / "state", lambda line: None, now)

    return build


@pytest.fixture
def desk(tmp_path: Path, local: Local, create_database: Callable[..., str], redis_section: Redis) -> Desk:
    return Desk.make(tmp_path / "repository", local, create_database(), redis_section, wired=("staging",))


def _preview(account: Path, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "ci.main", "preview", "--env", "staging", "--format", "json", *words]
    environment = {**os.environ, "PYTHONPATH": str(TREE)}
    done = subprocess.run(
        command, cwd=account / "program", env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert CANARY not in done.stdout + done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)["facts"]
    return facts


def _edit(account: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Somebody's hand in the cloud."""
    held = json.loads((account / "cloud.json").read_text())
    change(held["resources"])
    (account / "cloud.json").write_text(json.dumps(held))


def _of(resources: dict[str, Any], name: str) -> str:
    return next(key for key, one in resources.items() if one["urn"].endswith(f"::{name}"))


def _meddle(resources: dict[str, Any]) -> None:
    resources[_of(resources, DATABASE)]["properties"]["deletionProtection"] = False
    resources[_of(resources, CACHE)]["properties"]["authTokenWo"] = {"secret-sha256": "0" * 64}
    walls = next(key for key, one in resources.items() if one["urn"].endswith(f"SecurityGroup::{WALLS}"))
    everybody = {"securityGroupId": walls, "cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 5432}
    resources[STRANGER] = {"type": INGRESS, "urn": "by hand", "properties": everybody}
    alarm = next(
        key for key, one in resources.items() if one["type"].startswith("aws:cloudwatch/metricAlarm")
    )
    del resources[alarm]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_stack_is_made_drifts_and_is_healed_on_the_users_own_backend(
    desk: Desk, cloud: Callable[[CommitTree, Environment], Cloud], account: Path
) -> None:
    reconcile = partial(desk.deliver, "staging", cloud=cloud)
    before: Any = reconcile()
    assert [(one.what, one.found) for one in before.plan.cloud] == [("create", "not made")]
    done: Any = reconcile(apply=True)
    assert done.done.cloud.endswith("resources changed")
    assert desk.head("staging").commits == (desk.first,)
    receipt = desk.rows("staging")[-1].content
    assert (receipt["cloud"], receipt["generation"], receipt["digest"]) == (
        done.done.cloud,
        1,
        desk.head("staging").digest,
    )
    nothing: Any = reconcile()
    assert (nothing.plan.cloud, nothing.plan.is_empty, nothing.plan.cloud_findings) == ((), True, ())

    _edit(account, _meddle)
    trails = _trails(account)
    drifted: Any = reconcile()
    told = {(one.what, one.key, one.expected, one.found) for one in drifted.plan.cloud}
    assert told >= {
        ("update", "deletionProtection", "true", "false"),
        ("update", "authTokenWo", "(secret)", "(secret)"),
        ("delete", "", "in the state", "gone from the cloud"),
    }
    (rules,) = [(expected, found) for _, key, expected, found in told if key == "ingressRuleIds"]
    assert rules[1] == f'{rules[0][:-1]}, "{STRANGER}"]', "one rule more than there should be"
    assert _trails(account) == trails, "looking writes nothing"
    credentialed = _preview(account)
    assert (credentialed["engine"], credentialed["plan_digest"]) == ("pulumi", drifted.plan.cloud_plan)
    reconcile(apply=True)
    after: Any = reconcile()
    assert (after.plan.cloud, after.plan.is_empty) == ((), True)
    assert STRANGER not in (account / "cloud.json").read_text()
    assert _clear(account) == []


def _trails(account: Path) -> tuple[bytes, ...]:
    state = next((account / "backend").rglob("staging.json"))
    return state.read_bytes(), (account / "cloud.json").read_bytes()


def _clear(account: Path) -> list[str]:
    """Files that hold the secret in clear: state, event logs, the Pulumi home, the cloud's own file."""
    files = [file for file in account.rglob("*") if file.is_file() and ".git" not in file.parts]
    assert any("pulumi-logs" in file.parts for file in files)
    assert "ciphertext" in next((account / "backend").rglob("staging.json")).read_text()
    return [str(file) for file in files if CANARY.encode() in file.read_bytes()]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_offline_preview_plans_what_the_credentialed_one_plans(account: Path, program: CommitTree) -> None:
    subprocess.run(
        ["pulumi", "stack", "init", "staging", "--non-interactive"],
        cwd=account / "program",
        check=True,
        capture_output=True,
    )
    with_credentials, offline = _preview(account), _preview(account, "--offline")
    for key in ("created", "plan_digest", "counts", "rules_reached", "unknown"):
        assert with_credentials[key] == offline[key], key
    assert (with_credentials["engine"], offline["engine"]) == ("pulumi", "offline")
