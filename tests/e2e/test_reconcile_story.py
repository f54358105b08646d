"""The verbs as a person calls them: real processes, real servers, real rules, every exit code on purpose."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.models.environment import Redis
from infra.local import Local
from tests.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, local: Local, create_database: Callable[..., str], redis_section: Redis) -> Desk:
    return Desk.make(tmp_path / "repository", local, create_database(), redis_section, wired=("dev",))


@pytest.fixture
def interlock(desk: Desk) -> Callable[..., subprocess.CompletedProcess[str]]:
    def call(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ci.main", *words],
            cwd=cwd or desk.root,
            env=os.environ | {"INTERLOCK_STATE": str(desk.local.state), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


Interlock = Callable[..., subprocess.CompletedProcess[str]]


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return json.loads(done.stdout)


def test_story_of_one_limit(desk: Desk, interlock: Interlock) -> None:
    differs = interlock("reconcile", "--env", "dev")
    assert (differs.returncode, differs.stderr) == (4, "")
    assert "things differ; `--apply` converges dev to" in differs.stdout
    assert interlock("reconcile", "--env", "dev", "--apply").returncode == 0
    desk.edit("dev", "max_order_value: 5000.0", "max_order_value: 4000.0")
    lower = desk.commit("lower")
    shown = answer(interlock("reconcile", "--env", "dev", "--format", "json"))
    assert shown["schema"] == "interlock.reconcile/1"
    told = interlock("reconcile", "--env", "dev", "--apply", cwd=desk.root / "config" / "records")
    assert told.returncode == 0
    assert "limits.max_order_value  5000.0  4000.0  tighten" in told.stdout
    assert f"converged dev to {lower[:12]}: 2 snapshots published, receipt 5 written" in told.stdout
    nothing = interlock("reconcile", "--env", "dev")
    assert (nothing.returncode, nothing.stdout.strip().splitlines()[-1]) == (
        0,
        f"nothing to do: dev is at {lower[:12]}",
    )
    assert interlock("ledger", "verify", "--env", "dev").returncode == 0
    assert interlock("audit", "verify", "--env", "dev").returncode == 0
    who = interlock("audit", "who", "limits.max_order_value", "--env", "dev")
    assert f"limits.max_order_value is 4000.0 by commit {lower[:12]} of Ann" in who.stdout
    assert "(receipt 5)" in who.stdout
    bundle = interlock("bundle", "show", "--env", "dev")
    assert "limits.max_order_value" in bundle.stdout


def test_dangerous_commit_is_refused_with_its_place(desk: Desk, interlock: Interlock) -> None:
    assert interlock("reconcile", "--env", "dev", "--apply").returncode == 0
    bad = desk.set_flag("dev", "live_trading_enabled", True, "100.0")
    rows, head = desk.rows(), desk.head()
    refused = interlock("reconcile", "--env", "dev", "--apply")
    assert refused.returncode == 1
    assert "config/environments/dev.yaml:" in refused.stdout
    assert "enabled: true\n" in refused.stdout
    assert refused.stdout.strip().endswith("nothing was written")
    assert (desk.rows(), desk.head()) == (rows, head)
    assert bad not in refused.stdout


def test_forged_redis_is_shown_and_healed(desk: Desk, interlock: Interlock) -> None:
    interlock("reconcile", "--env", "dev", "--apply")
    desk.redis.hset("ff:{dev}:head", "generation", f"{10**18:020d}")
    desk.redis.set("ff:{dev}:live_trading_enabled", "true")
    shown = interlock("reconcile", "--env", "dev")
    assert shown.returncode == 4
    assert "the ledger never meant generation 1000000000000000000" in shown.stdout
    assert "ff:{dev}:live_trading_enabled" in shown.stdout
    assert interlock("reconcile", "--env", "dev", "--apply").returncode == 0
    assert interlock("reconcile", "--env", "dev").returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--env", "qa"), 2, "has no environment `qa`"),
        (("--env", "dev", "--commit", "main"), 2, "`main` can move between check and use"),
        (("--env", "dev", "--commit", "0" * 40), 2, "names no commit here"),
        (("--env", "production"), 5, "no administrator of Postgres at prod-db.traider.com:5432"),
        ((), 2, "the following arguments are required: --env"),
    ],
)
def test_mistakes_are_answered_with_a_sentence(
    interlock: Interlock, words: tuple[str, ...], code: int, said: str
) -> None:
    done = interlock("reconcile", *words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_a_checkout_is_a_usage_error(interlock: Interlock, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = interlock("reconcile", "--env", "dev", cwd=tmp_path / "empty")
    assert (done.returncode, "is not inside a Git checkout" in done.stderr) == (2, True)


def test_feature_branch_is_refused(desk: Desk, interlock: Interlock) -> None:
    desk.git("switch", "-q", "-c", "feature")
    desk.commit("beside")
    done = interlock("reconcile", "--env", "dev", "--apply")
    assert done.returncode == 1
    assert "config/keyring.yaml:3:19: error[GIT104]" in done.stdout
    assert desk.redis.keys() == []
