"""A reconcile whose backend or whose own process freezes: bounded, named, and never able to write late."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from ci.delivery.errors import OvertakenError
from ci.delivery.ledger import verify
from ci.errors import UnreachableError
from config.models.environment import Redis
from infra.local import Local, status
from tests.desk import Desk

CHILD = Path(__file__).with_name("reconcile_child.py")
PAPER = "paper_trading_enabled"


@pytest.fixture
def desk(tmp_path: Path, local: Local, create_database: Callable[..., str], redis_section: Redis) -> Desk:
    made = Desk.make(tmp_path / "repository", local, create_database(), redis_section)
    made.apply()
    return made


@contextmanager
def frozen(desk: Desk, name: str) -> Iterator[None]:
    (pid,) = [server.pid for server in status(desk.local.state) if server.name.lower().startswith(name)]
    assert pid is not None
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    try:
        for process in family:
            with suppress(psutil.NoSuchProcess):  # a worker of Postgres may end at any moment
                process.suspend()
        yield
    finally:
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@pytest.mark.parametrize(("server", "place"), [("redis", "Redis at localhost:"), ("postgres", "Postgres at")])
def test_stalled_backend_is_named_in_bounded_time(desk: Desk, server: str, place: str) -> None:
    desk.set_flag("dev", PAPER, False, "0.0")
    rows, head = desk.rows(), desk.head()
    begin = time.monotonic()
    with frozen(desk, server), pytest.raises(UnreachableError, match=place):
        desk.apply()
    assert time.monotonic() - begin < 8
    assert (desk.rows(), desk.head()) == (rows, head)


def test_redis_that_stalls_after_the_intent_leaves_a_run_to_repeat(desk: Desk) -> None:
    tight = desk.set_flag("dev", PAPER, False, "0.0")
    with pytest.raises(UnreachableError, match="Redis at localhost:"), ExitOnPoint(desk, "redis") as freeze:
        desk.apply(observer=freeze)
    assert desk.head().generation == 1
    assert [row.kind for row in desk.rows()] == ["intent", "receipt", "intent"]
    desk.apply()
    assert desk.head().commits == (tight,)
    assert desk.deliver().plan.is_empty


class ExitOnPoint:
    """Freezes a server at the first intent, thaws it when left."""

    def __init__(self, desk: Desk, server: str) -> None:
        self._freezer = frozen(desk, server)
        self._is_frozen = False

    def __enter__(self) -> ExitOnPoint:
        return self

    def __call__(self, point: str) -> None:
        if point == "first intent written":
            self._freezer.__enter__()
            self._is_frozen = True

    def __exit__(self, *failure: object) -> None:
        if self._is_frozen:
            self._freezer.__exit__(None, None, None)


@pytest.mark.slow
def test_frozen_run_that_lost_its_lease_cannot_write_late(desk: Desk) -> None:
    desk.set_flag("dev", PAPER, False, "0.0")
    asked = {
        "root": str(desk.root),
        "state": str(desk.local.state),
        "redis": desk.section.port,
        "postgres": desk.database.port,
        "database": desk.database.name,
        "clock": desk.clock.isoformat(),
        "point": "first intent written",
        "signal": int(signal.SIGSTOP),
        "environment": "dev",
    }
    child = subprocess.Popen(
        [sys.executable, str(CHILD), json.dumps(asked)], stderr=subprocess.PIPE, text=True
    )
    try:
        _until_stopped(child.pid)
        with pytest.raises(OvertakenError, match=f"reconcile dev {child.pid}@.* first intent written"):
            desk.apply(wait=lambda seconds: None)
        with desk.admin() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE %s",
                (f"reconcile dev {child.pid}@%",),
            )
        newer = desk.set_flag("dev", PAPER, True, "50.0")
        desk.apply()
        standing = desk.end_state()
        os.kill(child.pid, signal.SIGCONT)
        _, said = child.communicate(timeout=30)
    finally:
        child.kill()
    assert child.returncode == 1
    assert "OvertakenError: Redis refused generation 2" in said
    assert desk.end_state() == standing
    assert desk.head().commits == (newer,)
    assert verify(desk.rows()) is None


@pytest.mark.slow
def test_two_jobs_at_once_end_at_the_newer_commit(desk: Desk) -> None:
    older = desk.set_flag("dev", PAPER, False, "0.0")
    newer = desk.set_flag("dev", PAPER, True, "50.0")
    for _ in range(3):
        jobs = [_start(desk, commit) for commit in (newer, older, newer)]
        for job in jobs:
            _, said = job.communicate(timeout=60)
            assert (job.returncode, said) == (0, "")
        assert desk.head().commits == (newer,)
        assert verify(desk.rows()) is None
    assert desk.deliver(commit=newer).plan.is_empty


def _start(desk: Desk, commit: str) -> subprocess.Popen[str]:
    asked = {
        "root": str(desk.root),
        "state": str(desk.local.state),
        "redis": desk.section.port,
        "postgres": desk.database.port,
        "database": desk.database.name,
        "clock": desk.clock.isoformat(),
        "point": "",
        "commit": commit,
        "environment": "dev",
    }
    return subprocess.Popen(
        [sys.executable, str(CHILD), json.dumps(asked)], stderr=subprocess.PIPE, text=True
    )


def _until_stopped(pid: int) -> None:
    deadline = time.monotonic() + 30
    while psutil.Process(pid).status() != psutil.STATUS_STOPPED:
        assert time.monotonic() < deadline, "the child never reached its point"
        time.sleep(0.02)
