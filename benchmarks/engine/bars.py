"""The 100,000 one-minute bars every engine of the comparison gets: seeded, drawn in a fixed order (04-engine 6)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.bars import Bar
from engine.clock import SECOND, stamp

COUNT = 100_000
SEED = 20260801
FIRST = 1_599_999_960 * SECOND
MINUTE = 60 * SECOND


def columns(count: int = COUNT) -> tuple[np.ndarray, ...]:
    """open, high, low, close as floats of two decimals, volume as integers."""
    random = np.random.default_rng(SEED)
    close = 100 * np.exp(np.cumsum(random.normal(0, 5e-4, count)))
    previous = np.concatenate(([100.0], close[:-1]))
    open_ = previous * (1 + random.normal(0, 1e-4, count))
    high = np.maximum(open_, close) * (1 + np.abs(random.normal(0, 3e-4, count)))
    low = np.minimum(open_, close) * (1 - np.abs(random.normal(0, 3e-4, count)))
    open_, high, low, close = (np.round(column, 2) for column in (open_, high, low, close))
    high = np.maximum(high, np.maximum(open_, close))
    low = np.minimum(low, np.minimum(open_, close))
    return open_, high, low, close, random.integers(1000, 50000, count)


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
