"""Measures the local parts: starting, stopping and migrating a real Redis and PostgreSQL; medians.

No bar of its own: reconcile with nothing to do (at most 1 s) has to pay for the last line.
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from config.models.environment import Database
from infra.local import down, running, up
from infra.migrations import migrate, pending

RUNS = 7
NAME = "bench"


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def section(port: int, name: str) -> Database:
    return Database(
        host="localhost",
        port=port,
        name=name,
        tls=False,
        paper_schema="paper_bench",
        live_schema="live_bench",
    )


def once() -> dict[str, float]:
    """One life of a state: made, stopped, started again, migrated twice."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="il-bench-") as folder:
        state, started = Path(folder) / "s", time.perf_counter()
        with running(state, databases=(NAME,), discard=True) as local:
            found["up, a new state"] = time.perf_counter() - started
            found["up, already up"] = timed(lambda: up(state))
            found["down"] = timed(lambda: down(state))
            found["up, an old state"] = timed(lambda: up(state))
            database, where = (
                section(local.postgres_port, NAME),
                {"environment": NAME, "secrets": local.secrets},
            )
            found["migrate, an empty database"] = timed(lambda: migrate(local.admin_dsn(), database, **where))
            found["migrate, nothing to do"] = timed(lambda: migrate(local.admin_dsn(), database, **where))
            found["pending, nothing to do"] = timed(lambda: pending(local.admin_dsn(), database, **where))
    return found


def main() -> None:
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, {RUNS} lives"
    )
    print(f"load before: {os.getloadavg()[0]:.1f}")
    lives = [once() for _ in range(RUNS)]
    for what in lives[0]:
        print(f"{what:<30} {statistics.median(life[what] for life in lives) * 1000:>8.0f} ms")


if __name__ == "__main__":
    main()
