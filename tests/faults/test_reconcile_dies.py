"""A reconcile killed at any point, and run again, leaves what an undisturbed one leaves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ci.delivery.ledger import verify
from ci.delivery.steps import POINTS
from config.models.environment import Redis
from infra.local import Local
from tests.desk import Desk

CHILD = Path(__file__).with_name("reconcile_child.py")
PAPER, UX = "paper_trading_enabled", "advanced_ux_features"


@pytest.fixture
def desk(tmp_path: Path, local: Local, create_database: Callable[..., str], redis_section: Redis) -> Desk:
    return Desk.make(tmp_path / "repository", local, create_database(), redis_section)


def die_at(desk: Desk, point: str, environment: str = "dev") -> int:
    asked = {
        "root": str(desk.root),
        "state": str(desk.local.state),
        "redis": desk.section.port,
        "postgres": desk.database.port,
        "database": desk.database.name,
        "clock": desk.clock.isoformat(),
        "point": point,
        "environment": environment,
    }
    done = subprocess.run([sys.executable, str(CHILD), json.dumps(asked)], capture_output=True, timeout=60)
    return done.returncode


def both_ways(desk: Desk) -> str:
    """A release that needs both snapshots: one flag closes, another opens."""
    desk.set_flag("dev", PAPER, False, "0.0")
    return desk.set_flag("dev", UX, True, "50.0")


def widen_by_hand(desk: Desk) -> None:
    """Something for the migrations to do."""
    with desk.admin() as admin:
        admin.execute("GRANT SELECT ON paper_trading_dev.orders TO PUBLIC")


@pytest.fixture
def release(desk: Desk) -> tuple[Desk, str, tuple[Any, ...]]:
    """A desk, a commit that needs every step, and what an undisturbed run of it leaves."""
    target = both_ways(desk)
    desk.apply(commit=desk.first)
    widen_by_hand(desk)
    assert len(desk.apply().done.published) == 2
    return desk, target, desk.end_state()


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_release_ends_like_an_undisturbed_one(
    release: tuple[Desk, str, tuple[Any, ...]], point: str
) -> None:
    desk, target, wanted = release
    desk.reset()
    desk.apply(commit=desk.first)
    widen_by_hand(desk)
    assert die_at(desk, point) == -signal.SIGKILL
    desk.apply()
    assert desk.deliver().plan.is_empty
    assert desk.head().commits == (target,)
    assert verify(desk.rows()) is None
    assert desk.end_state() == wanted


@pytest.mark.slow
@pytest.mark.parametrize("point", [point for point in POINTS if not point.startswith("first")])
def test_killed_first_run_ends_like_an_undisturbed_one(desk: Desk, point: str) -> None:
    desk.apply()
    wanted = desk.end_state()
    desk.reset()
    assert die_at(desk, point) == -signal.SIGKILL
    desk.apply()
    assert desk.deliver().plan.is_empty
    assert desk.end_state() == wanted


@pytest.mark.slow
def test_killed_between_the_snapshots_never_opens_what_closed(desk: Desk) -> None:
    """Nor does a newer commit that comes instead of the second try."""
    desk.apply()
    middle = both_ways(desk)
    assert die_at(desk, "first snapshot published") == -signal.SIGKILL
    assert desk.head().commits == (desk.first, middle)
    assert desk.flags() == {PAPER: False, UX: False}
    newer = desk.set_flag("dev", PAPER, True, "100.0")
    seen: list[dict[str, bool]] = []
    desk.apply(observer=lambda point: seen.append(desk.flags()))
    assert {each[PAPER] for each in seen[:-2]} == {False}
    assert desk.head().commits == (newer,)
    assert desk.flags() == {PAPER: True, UX: True}


@pytest.mark.slow
def test_dead_runs_lease_is_free_at_once(desk: Desk) -> None:
    desk.apply()
    both_ways(desk)
    assert die_at(desk, "lease taken") == -signal.SIGKILL
    waits: list[float] = []
    desk.apply(wait=lambda seconds: (waits.append(seconds), time.sleep(seconds)))
    assert len(waits) <= 5
