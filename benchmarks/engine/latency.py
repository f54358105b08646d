"""A signal due -> durable and handed to the venue, at 1,000 a second; beside it a bare write+fdatasync of equal bytes.

Run as `python -m benchmarks.engine.latency [SECONDS]`. Every signal must end in exactly one durable DENY or SENDING.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.engine.ours import configured
from engine.clock import SECOND, micros, stamp
from engine.gate import Approved
from engine.market.bars import Bar
from engine.paper import paper_engine
from engine.protocols import OpenLatch, StandingDecision
from engine.venues.paper import PaperVenue
from engine.venues.protocol import Answer

RATE = 1_000
START = micros(datetime.now(UTC)) // SECOND * SECOND
BATCH = 1


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Flags:
    def decide(self, flag_key: str, account: str) -> StandingDecision:
        return StandingDecision(flag_key, True, "TARGETING_MATCH", "c" * 40, "d" * 64)


def payload(number: int, now: int) -> bytes:
    """Every second one asks for less than one unit, so that both ends occur."""
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
        "expires_at": stamp(START + 1_000_000 * SECOND),
    }
    return json.dumps(facts).encode()


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main(seconds: int) -> None:
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
    accepted: Any = dataclasses.replace(found, environment=environment)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        measure(accepted, Path(folder), seconds)


def measure(accepted: Any, folder: Path, seconds: int) -> None:
    handed: dict[str, float] = {}
    engine = paper_engine(
        accepted, flags=Flags(), latch=OpenLatch(), clock=Clock(), folder=folder, span=SECOND
    )
    engine.start()
    venue = engine.venue
    assert isinstance(venue, PaperVenue)
    submit = venue.submit

    def timed(order: Approved) -> Answer:
        handed.setdefault(order.intent.signal_id, time.perf_counter())
        return submit(order)

    venue.submit = timed  # type: ignore[method-assign]
    venue.keeps_history = False
    bare = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    bare_times: list[float] = []
    due_at: dict[str, float] = {}
    memory: list[int] = []
    began, sent, second = time.perf_counter(), 0, 0
    while sent < RATE * seconds:
        due = int((time.perf_counter() - began) * RATE)
        if due - sent < BATCH and due < RATE * seconds:
            time.sleep(0.0005)
            continue
        now = micros(datetime.now(UTC))
        size = engine.journal.path.stat().st_size  # type: ignore[attr-defined]
        with engine.outgoing.grouped():
            for number in range(sent, min(due, RATE * seconds)):
                due_at[f"load-{number}"] = began + number / RATE
                engine.on_signal(payload(number, now), now)
                engine.on_bar(Bar("SIM", START + number * SECOND, 10500, 10500, 10000, 10000, 10**6))
                sent = number + 1
        written = engine.journal.path.stat().st_size - size  # type: ignore[attr-defined]
        if sent // RATE != second:
            second = sent // RATE
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        started = time.perf_counter()
        os.write(bare, b"x" * written)
        os.fdatasync(bare)
        bare_times.append(time.perf_counter() - started)
    engine.journal.sync()
    report(engine, due_at, handed, bare_times, memory, sent)


def report(
    engine: Any,
    due_at: dict[str, float],
    handed: dict[str, float],
    bare: list[float],
    memory: list[int],
    sent: int,
) -> None:
    ends = Counter()
    for record in engine.journal.records():
        if record.type in ("deny", "dlq", "intent"):
            ends[record.body["signal_id"]] += 1
    took = [handed[name] - due_at[name] for name in handed if name in due_at]
    print(
        f"{platform.machine()}, load {os.getloadavg()[0]:.1f}: {sent} signals, {len(handed)} handed to the venue"
    )
    print(
        f"ends: {len(ends)} signals with exactly one: {sum(n == 1 for n in ends.values())}, lost: {sent - len(ends)}"
    )
    for name, values in (("due -> venue", took), ("bare write+fdatasync", bare)):
        p50, p99 = statistics.median(values) * 1000, percentile(values, 0.99) * 1000
        print(f"{name:22} p50 {p50:8.3f} ms   p99 {p99:8.3f} ms")
    print(f"memory by second: first {memory[0]} MB, last {memory[-1]} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
