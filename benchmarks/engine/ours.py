"""Interlock on the same bars and rule: all controls, journal chain, equity per bar; prints one JSON line.

Run as `python -m benchmarks.engine.ours [csv]`.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from benchmarks.engine.bars import MINUTE, bars, write_csv
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


def main(source: str) -> None:
    replayable = configured()
    decision = replayable.decision()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "SIM.csv"
        feed = Feed("generator", MINUTE, bars())
        if source == "csv":
            write_csv(path)
        began, used = time.perf_counter(), time.process_time()
        if source == "csv":
            feed = csv_file.read(path, replayable.instruments)
        result: Result = replay(replayable, feed, decision)
        seconds, cpu = time.perf_counter() - began, time.process_time() - used
    print(
        json.dumps(
            {
                "trades": len(result.trades),
                "net": money.text(sum(trade.net for trade in result.trades)),
                "seconds": seconds,
                "cpu": cpu,
                "records": result.records,
                "journal_hash": result.journal_hash,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "memory")
