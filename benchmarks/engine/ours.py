"""Interlock on the same bars and rule: all controls, journal chain, equity per bar; prints one JSON line.

Run as `python -m benchmarks.engine.ours [FILE.csv]`; the time covers the loop and the journal, with a file its reading
too. The bars of the generator are made before.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import platform
import sys
import time
from decimal import Decimal
from pathlib import Path

from benchmarks.engine.peak import peak_mb
from ci.backtesting.inputs import Replayable, read_config
from config.findings import Refused
from engine import money
from engine.backtest import Result, replay
from engine.feeds import csv_file
from engine.feeds.feed import Feed

ROOT = Path(__file__).parents[2]


def configured() -> Replayable:
    """The configuration of 04-engine 6."""
    found = read_config(ROOT, "dev")
    if isinstance(found, Refused):
        raise SystemExit(str(found.findings[0].message))
    base = found.environment
    limits = dataclasses.replace(
        base.limits,
        max_consecutive_losses=20,
        max_order_value=Decimal(25_000),
        max_order_quantity=10_000,
        max_gross_percent=Decimal(100),
        max_open_positions=10,
    )
    environment = dataclasses.replace(
        base,
        limits=limits,
        account=dataclasses.replace(base.account, start_cash=Decimal(1_000_000)),
        sizing=dataclasses.replace(base.sizing, fixed_quantity=1),
    )
    return dataclasses.replace(found, environment=environment)


def generated() -> Feed:
    """The bars in memory; numpy stays out of a run that reads a file."""
    from benchmarks.engine.bars import MINUTE, bars

    return Feed("generator", MINUTE, bars())


def main(words: list[str]) -> None:
    gc.set_threshold(50_000, 20, 20)  # as the command itself does
    replayable = configured()
    decision = replayable.decision()
    feed = None if words else generated()
    began, used = time.perf_counter(), time.process_time()
    if feed is None:
        feed = csv_file.read(Path(words[0]), replayable.instruments)
    result: Result = replay(replayable, feed, decision)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    told = {
        "version": platform.python_version(),
        "trades": len(result.trades),
        "net": money.text(sum(trade.net for trade in result.trades)),
        "seconds": seconds,
        "cpu": cpu,
        "records": result.records,
        "journal_hash": result.journal_hash,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
