"""The bars of the comparison in ticks of a cent, and as a CSV file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.engine.generator import COUNT, columns
from engine.clock import SECOND, stamp
from engine.market.bars import Bar

FIRST = 1_599_999_960 * SECOND
MINUTE = 60 * SECOND


def bars(symbol: str = "SIM", count: int = COUNT) -> list[Bar]:
    """The same bars in ticks of a cent."""
    open_, high, low, close, volume = columns(count)
    cents = [np.round(column * 100).astype(int).tolist() for column in (open_, high, low, close)]
    rows = zip(*cents, volume.tolist(), strict=True)
    return [Bar(symbol, FIRST + number * MINUTE, *row) for number, row in enumerate(rows)]


def write_csv(path: Path, count: int = COUNT) -> None:
    """The same bars as a file."""
    with path.open("w", encoding="ascii") as stream:
        stream.write("time,open,high,low,close,volume\n")
        for bar in bars(count=count):
            prices = (f"{ticks // 100}.{ticks % 100:02d}" for ticks in bar[2:6])
            stream.write(f"{stamp(bar.at)},{','.join(prices)},{bar.volume}\n")
