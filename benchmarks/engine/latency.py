"""A signal due -> durable and handed to the venue, at 1,000 a second; beside it a bare write+fdatasync of equal bytes.

Run as `python -m benchmarks.engine.latency [--seconds N] [--format json]`. The engine is the paper engine with its
journal on disk (`BENCH_DIR`, else the temporary folder); the signals that are due at once share one wait for the disk.
Every signal must end in exactly one durable DENY or SENDING: counted in the journal when all is over.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.engine.ours import configured
from engine.clock import SECOND, micros, stamp
from engine.gate import Approved
from engine.loop import Engine
from engine.market.bars import Bar
from engine.paper import paper_engine
from engine.protocols import OpenLatch, StandingDecision
from engine.venues.protocol import Answer

RATE = 1_000
BARE_EVERY = 5
"""Groups per bare write: it shares the disk, so each one costs the run it is compared with something."""
LARGEST = 64
"""Signals per group, so that after a stall of the disk the first do not wait for the last."""
LIMIT_MS = 5.0


class Clock:
    """The machine's."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Flags:
    """Lets every account in."""

    def decide(self, flag_key: str, account: str) -> StandingDecision:
        return StandingDecision(flag_key, True, "TARGETING_MATCH", "c" * 40, "d" * 64)


class Found(NamedTuple):
    """What a run showed; milliseconds and MB."""

    signals: int
    handed: int
    sending: int
    denied: int
    exactly_one: int
    p50: float
    p99: float
    worst: float
    bare_p50: float
    bare_p99: float
    bare_writes: int
    groups: int
    disk_p99: float
    first_mb: float
    last_mb: float
    cpu_us: float
    preempted: int

    @property
    def limit(self) -> float:
        return max(LIMIT_MS, 3 * self.bare_p99)

    @property
    def lost(self) -> int:
        return self.signals - self.exactly_one

    @property
    def is_met(self) -> bool:
        return self.p99 <= self.limit and not self.lost and self.handed == self.sending


class Load:
    """One engine, its signals, and when each of them was handed to the venue."""

    def __init__(self, accepted: Any, folder: Path, seconds: int) -> None:
        self.total = RATE * seconds
        self.start = micros(datetime.now(UTC)) // SECOND * SECOND
        self.handed = array("d", bytes(8 * self.total))
        self.memory: list[float] = []
        self.waits: list[float] = []
        self.groups = self.preempted = 0
        self.engine = paper_engine(
            accepted, flags=Flags(), latch=OpenLatch(), clock=Clock(), folder=folder, span=SECOND
        )
        self.engine.start()
        self._submit, self._sync = self.engine.venue.submit, self.engine.journal.sync
        self.engine.venue.submit = self._timed  # type: ignore[method-assign]
        self.engine.journal.sync = self._waited  # type: ignore[method-assign]

    def _timed(self, order: Approved) -> Answer:
        self.handed[int(order.intent.signal_id[5:])] = time.perf_counter()
        return self._submit(order)

    def _waited(self) -> None:
        started = time.perf_counter()
        self._sync()
        self.waits.append(time.perf_counter() - started)

    def run(self, bare: subprocess.Popen[bytes]) -> float:
        """Send what is due until all is sent; when it began."""
        path: Path = self.engine.journal.path  # type: ignore[attr-defined]
        assert bare.stdin is not None
        began, sent, size = time.perf_counter(), 0, path.stat().st_size
        while sent < self.total:
            due = min(self.total, sent + LARGEST, int((time.perf_counter() - began) * RATE))
            if due == sent:
                time.sleep(0.0005)
                continue
            self._send(sent, due)
            self.groups += 1
            if self.groups % BARE_EVERY == 0:
                grown = path.stat().st_size
                bare.stdin.write((grown - size).to_bytes(4, "big"))
                bare.stdin.flush()
            size = path.stat().st_size
            if due // RATE != sent // RATE:
                self.memory.append(resident())
            sent = due
        return began

    def _send(self, first: int, behind: int) -> None:
        engine, now = self.engine, micros(datetime.now(UTC))
        with engine.outgoing.grouped():
            for number in range(first, behind):
                engine.on_signal(payload(number, now), now)
                engine.on_bar(Bar("SIM", self.start + number * SECOND, 10500, 10500, 10000, 10000, 10**6))


def payload(number: int, now: int) -> bytes:
    """Every second one asks for less than one unit, so that both ends occur; the next bar opens beyond the target."""
    facts = {
        "schema": 1,
        "id": f"load-{number}",
        "account_id": "ACCT-DEV-1",
        "strategy": "load",
        "mode": "paper",
        "symbol": "SIM",
        "side": "LONG",
        "entry_type": "market",
        "entry": "100.00",
        "stop_loss": "98.00",
        "take_profit_1": "104.00",
        "take_profit_2": None,
        "quantity": "1" if number % 2 else "0.5",
        "confidence": "0.9",
        "created_at": stamp(now),
        "expires_at": stamp(now + 10**6 * SECOND),
    }
    return json.dumps(facts).encode()


def resident() -> float:
    """MB this process holds now."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 2**20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def loaded() -> Any:
    """The development environment with limits that 1,000 orders a second of one account do not meet."""
    found = configured()
    base = found.environment
    limits = dataclasses.replace(
        base.limits,
        max_orders_per_second=10**6,
        max_orders_per_day=10**9,
        duplicate_window_seconds=0,
        max_position_percent=Decimal(10**6),
        max_gross_percent=Decimal(10**6),
    )
    account = dataclasses.replace(base.account, start_cash=Decimal(10**9))
    idle = dataclasses.replace(base.strategy, name="idle", parameters={})
    environment = dataclasses.replace(base, limits=limits, account=account, strategy=idle)
    return dataclasses.replace(found, environment=environment)


def measure(seconds: int) -> Found:
    """One run."""
    gc.set_threshold(50_000, 20, 20)  # as the command itself does
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        load = Load(loaded(), Path(folder), seconds)
        bare = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("bare.py")), str(Path(folder, "bare"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        used, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        began = load.run(bare)
        cpu = time.process_time() - used
        load.preempted = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - before
        told, _ = bare.communicate()
        load.engine.journal.sync()
        return told_of(load, began, json.loads(told), cpu)


def told_of(load: Load, began: float, bare: list[float], cpu: float) -> Found:
    took = [at - began - number / RATE for number, at in enumerate(load.handed) if at]
    sending, denied = ends(load.engine)
    together = sending + denied
    warm = load.memory[len(load.memory) // 3 :]
    return Found(
        signals=load.total,
        handed=len(took),
        sending=sending.total(),
        denied=denied.total(),
        exactly_one=sum(together[f"load-{number}"] == 1 for number in range(load.total)),
        p50=statistics.median(took) * 1000,
        p99=percentile(took, 0.99) * 1000,
        worst=max(took) * 1000,
        bare_p50=statistics.median(bare) * 1000,
        bare_p99=percentile(bare, 0.99) * 1000,
        bare_writes=len(bare),
        groups=load.groups,
        disk_p99=percentile(load.waits, 0.99) * 1000,
        first_mb=warm[0],
        last_mb=warm[-1],
        cpu_us=cpu / load.total * 1e6,
        preempted=load.preempted,
    )


def ends(engine: Engine) -> tuple[Counter[str], Counter[str]]:
    """Durable SENDING and DENY records of entries, by signal."""
    signals: dict[str, str] = {}
    sending: Counter[str] = Counter()
    denied: Counter[str] = Counter()
    for record in read_back(engine):
        body: Mapping[str, Any] = record.body
        if record.type == "intent":
            signals[body["id"]] = body["signal_id"]
        elif record.type == "sending":
            sending[signals[body["id"]]] += 1
        elif record.type == "deny":
            denied[body["signal_id"]] += 1
    return sending, denied


def read_back(engine: Engine) -> Any:
    records: Any = engine.journal.records()
    first = next(records)
    assert first.type == "cfg"
    return records


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    chosen = parser.parse_args()
    found = measure(chosen.seconds)
    if chosen.format == "json":
        print(
            json.dumps({**found._asdict(), "limit": found.limit, "lost": found.lost, "is_met": found.is_met})
        )
        return
    told = f"p50 {found.bare_p50:8.3f} ms  p99 {found.bare_p99:8.3f} ms  {found.bare_writes} writes"
    print(f"{found.signals} signals in {found.groups} groups, load {os.getloadavg()[0]:.1f}")
    print(
        f"ends: {found.sending} SENDING ({found.handed} handed over), {found.denied} DENY, {found.lost} lost"
    )
    print(
        f"due -> venue          p50 {found.p50:8.3f} ms  p99 {found.p99:8.3f} ms  worst {found.worst:.3f} ms"
    )
    print(f"bare write+fdatasync  {told}; the journal's own wait p99 {found.disk_p99:.3f} ms")
    print(f"bar: p99 <= {found.limit:.3f} ms: {'met' if found.is_met else 'MISSED'}")
    print(
        f"memory from a third on {found.first_mb:.1f} MB to {found.last_mb:.1f} MB, {found.cpu_us:.0f} us CPU a signal"
    )


if __name__ == "__main__":
    main()
