"""The smaller verbs of delivery as a person calls them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.models.environment import Redis
from infra.local import Local
from tests.desk import Desk

Interlock = Callable[..., tuple[int, str]]


@pytest.fixture
def desk(tmp_path: Path, local: Local, create_database: Callable[..., str], redis_section: Redis) -> Desk:
    return Desk.make(tmp_path / "repository", local, create_database(), redis_section, wired=("dev",))


@pytest.fixture
def interlock(desk: Desk) -> Interlock:
    ann = {
        f"GIT_{role}_{part}": "ann@example.com"
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
    }

    def call(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "ci.main", *words],
            cwd=desk.root,
            env=os.environ | ann | {"INTERLOCK_STATE": str(desk.local.state), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    return call


@pytest.mark.slow
def test_suspended_environment_waits_for_its_resume(desk: Desk, interlock: Interlock) -> None:
    assert interlock("reconcile", "--env", "dev", "--apply")[0] == 0
    code, said = interlock("suspend", "--env", "dev", "--reason", "incident 42")
    assert (code, "reconciling of dev is suspended (ledger row 3)" in said) == (0, True)
    desk.edit("dev", "max_order_value: 5000.0", "max_order_value: 4000.0")
    desk.commit("lower")
    code, said = interlock("reconcile", "--env", "dev", "--apply")
    assert (code, "incident 42" in said, "GIT108" in said) == (1, True, True)
    assert interlock("suspend", "--env", "dev", "--reason", "again")[0] == 2
    assert interlock("resume", "--env", "dev", "--reason", "closed")[0] == 0
    assert interlock("reconcile", "--env", "dev", "--apply")[0] == 0


@pytest.mark.slow
def test_ledger_is_shown_and_a_noted_head_is_checked(desk: Desk, interlock: Interlock) -> None:
    code, said = interlock("ledger", "show", "--env", "dev")
    assert (code, "no password of role `ledger_dev_reader`" in said or "did not answer" in said) == (5, True)
    interlock("reconcile", "--env", "dev", "--apply")
    code, said = interlock("ledger", "show", "--env", "dev")
    assert (code, "2 row(s) prove themselves; head 2:" in said) == (0, True)
    head = desk.rows()[-1].hash
    assert interlock("ledger", "verify", "--env", "dev", "--head", f"2:{head}")[0] == 0
    code, said = interlock("ledger", "verify", "--env", "dev", "--head", f"3:{head}")
    assert (code, "the record ends at row 2, row 3 was seen here before" in said) == (1, True)
    assert interlock("ledger", "verify", "--env", "dev", "--head", "3")[0] == 2


@pytest.mark.slow
def test_audit_answers_from_git_alone_and_says_so(desk: Desk, interlock: Interlock) -> None:
    desk.edit("dev", f"port: {desk.database.port}", "port: 1")
    desk.commit("elsewhere")
    code, said = interlock("audit", "who", "limits.max_order_value", "--env", "dev")
    assert code == 0
    assert "limits.max_order_value is 5000.0 by commit" in said
    assert "the ledger was not reached" in said
    assert interlock("audit", "when", "limits.max_order_value", "--env", "dev")[0] == 5
    assert interlock("audit", "who", "limits.nothing", "--env", "dev")[0] == 2
    assert interlock("audit", "who", "--env", "dev")[0] == 2


@pytest.mark.slow
def test_promotion_is_a_branch_that_check_has_seen(desk: Desk, interlock: Interlock) -> None:
    desk.edit("dev", "fast: 10", "fast: 12")
    desk.commit("tune")
    code, said = interlock(
        "promote", "--from", "dev", "--to", "staging", "strategy.parameters.fast", "--branch", "up"
    )
    assert "strategy.parameters.fast  10      12" in said
    assert "1 line(s) changed on branch up" in said
    assert code == (0 if "`check` passes" in said else 1)
    assert desk.git("diff", "--stat", "HEAD", "up").startswith("config/environments/staging.yaml")


@pytest.mark.slow
def test_rollback_is_a_branch_that_check_has_seen(desk: Desk, interlock: Interlock) -> None:
    desk.edit("dev", "max_order_value: 5000.0", "max_order_value: 4000.0")
    desk.commit("lower")
    code, said = interlock("rollback", "--env", "dev", "--to", "HEAD~1")
    assert (code, "limits.max_order_value  4000.0  5000.0" in said) == (0, True)
    assert desk.git("diff", "--name-only", desk.first, f"rollback-dev-{desk.first[:12]}") == ""
