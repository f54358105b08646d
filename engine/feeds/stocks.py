"""Real daily prices of five shares from the optional package bokeh_sampledata, raw, splits included.

Never downloads: the package is installed or it is not.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path

from engine.clock import DAY, parse_stamp
from engine.feeds.feed import Feed, FeedError, ordered
from engine.instruments import Instrument
from engine.market.bars import Bar, check
from engine.money import parse

PACKAGE = "bokeh_sampledata"


def is_installed() -> bool:
    """Whether the package is there."""
    return find_spec(PACKAGE) is not None


def read(instruments: Mapping[str, Instrument], symbols: Sequence[str]) -> Feed:
    """Daily bars of the symbols the package knows; rows with parts of a tick are rounded and counted."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FeedError(f"{PACKAGE} is not installed; install the extra `data` or use the generator")
    path = Path(spec.origin).with_name("_data") / "stocks.csv.gz"
    bars, rounded = [], 0
    with gzip.open(path) as raw, TextIOWrapper(raw, encoding="ascii") as text:
        for row in csv.DictReader(text):
            if row["Ticker"] in symbols:
                bar, is_exact = _bar(row, instruments[row["Ticker"]])
                bars.append(bar)
                rounded += not is_exact
    if not bars:
        raise FeedError(f"{PACKAGE} knows none of {', '.join(symbols)}")
    names = ", ".join(sorted({bar.symbol for bar in bars}))
    note = f"; {rounded} of {len(bars)} rows held parts of a tick and were rounded"
    return Feed(f"real daily prices of {names} ({PACKAGE}, raw, with splits{note})", DAY, ordered(bars))


def _bar(row: Mapping[str, str], instrument: Instrument) -> tuple[Bar, bool]:
    """A row as a bar; parts of a tick go outward for high and low, down for open and close."""
    prices = {name: parse(row[name]) for name in ("Open", "High", "Low", "Close")}
    open_, low, close = (instrument.floor_ticks(prices[name]) for name in ("Open", "Low", "Close"))
    high = instrument.ceil_ticks(prices["High"])
    at = parse_stamp(f"{row['Date']}T00:00:00Z")
    bar = check(Bar(instrument.symbol, at, open_, high, low, close, int(row["Volume"])))
    shown = zip((open_, high, low, close), ("Open", "High", "Low", "Close"), strict=True)
    return bar, all(instrument.price(ticks) == prices[name] for ticks, name in shown)
