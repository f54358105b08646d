"""How long a kill takes: trip file or Redis key until the latch is closed, idle and under load, Redis well or stalled.

Run `python benchmarks/kill.py [ROUNDS]`. Bar: 100 ms from the file to the closed latch, also with Redis stalled.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config.models.environment import Redis  # noqa: E402
from engine.flags.store import FlagStore  # noqa: E402
from engine.kill import KillSwitch  # noqa: E402
from engine.killing.kill_watch import FileWatch, StoreWatch  # noqa: E402
from engine.killing.latch import Latch  # noqa: E402
from engine.stores import redis_client  # noqa: E402
from infra.local import running  # noqa: E402


class Clock:
    """This machine's."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@contextlib.contextmanager
def watched(place: Redis) -> Iterator[tuple[Path, Latch]]:
    """A folder and an open latch with both watches running, as in an engine."""
    with tempfile.TemporaryDirectory(prefix="il-") as name:
        folder, latch = Path(name), Latch()
        switch = KillSwitch(folder, latch, account="A", strategy="s", report=lambda event, facts: None)
        store = FlagStore(redis_client(place), "bench")
        parts = (FileWatch(folder, switch), StoreWatch(store, switch, Clock(), lambda event, facts: None))
        for part in parts:
            part.look()
        switch.note_git(halted=False, releases=())
        for part in parts:
            part.start()
        yield folder, latch
        for part in parts:
            part.stop()


def until_closed(latch: Latch, kill: Callable[[], object]) -> float:
    """Milliseconds from the kill to the closed latch."""
    started = time.perf_counter()
    kill()
    while not latch.closed:
        time.sleep(0.0002)
    return (time.perf_counter() - started) * 1000


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """A thread that computes without a pause, as an engine on a fast feed does."""
    stop = threading.Event()

    def compute() -> None:
        while not stop.is_set():
            sum(range(2_000))

    thread = threading.Thread(target=compute)
    thread.start()
    yield
    stop.set()
    thread.join()


@contextlib.contextmanager
def stalled(place: Redis) -> Iterator[None]:
    """Redis stopped in its tracks."""
    server = int(redis_client(place).info("server")["process_id"])
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


def measure(
    name: str,
    rounds: int,
    place: Redis,
    by: str,
    around: Callable[[], contextlib.AbstractContextManager[None]],
) -> None:
    took = []
    for _ in range(rounds):
        redis_client(place).flushall()
        with watched(place) as (folder, latch), around():
            time.sleep(0.05)
            store = FlagStore(redis_client(place), "bench")
            kill = (folder / "trip").touch if by == "file" else _by_redis(store)
            took.append(until_closed(latch, kill))
    took.sort()
    middle, late = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"  {name:<24} p50 {middle:6.2f} ms   p99 {late:6.2f} ms   worst {took[-1]:6.2f} ms")


def _by_redis(store: FlagStore) -> Callable[[], object]:
    return lambda: store.raise_kill("global", floor=0, by="bench", reason="")


def main(rounds: int) -> None:
    where = f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    print(f"kill to closed latch on {where}, {rounds} rounds each (bar: 100 ms)")
    with (
        tempfile.TemporaryDirectory(prefix="il-") as folder,
        running(Path(folder) / "s", discard=True) as local,
    ):
        place = Redis(host="localhost", port=local.redis_port, tls=False)
        measure("file", rounds, place, "file", contextlib.nullcontext)
        measure("file, engine busy", rounds, place, "file", busy)
        measure("file, Redis stalled", rounds, place, "file", lambda: stalled(place))
        measure("Redis key", rounds, place, "redis", contextlib.nullcontext)
        measure("Redis key, engine busy", rounds, place, "redis", busy)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
