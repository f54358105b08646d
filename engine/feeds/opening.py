"""Opens a feed by name: real prices where the package is installed, the generator otherwise, or a file.

Never falls back in silence: the feed's own sentence says which one runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.feeds import csv_file, generator, stocks
from engine.feeds.feed import Feed, FeedError
from engine.instruments import Instrument

DEFAULT_COUNT = 2_000
MOST = 1_000_000
REAL = ("AAPL", "GOOG", "IBM", "MSFT")


def open_feed(name: str, instruments: Mapping[str, Instrument], symbols: Sequence[str] = ()) -> Feed:
    """`auto`, `bokeh`, `generator`, `generator:COUNT`, or the path of a CSV file; no symbols: all the source knows."""
    if name == "auto":
        name = "bokeh" if stocks.is_installed() else "generator"
    if name == "bokeh":
        return stocks.read(instruments, symbols or [s for s in REAL if s in instruments])
    kind, _, count = name.partition(":")
    if kind == "generator" and count and not (count.isdecimal() and 1 <= int(count[:9]) <= MOST):
        raise FeedError(f"{name}: the generator makes 1 to {MOST} bars")
    if kind == "generator":
        return generator.generate(instruments, symbols or ["SIM"], count=int(count or DEFAULT_COUNT))
    feed = csv_file.read(Path(name), instruments)
    if symbols:
        feed = feed._replace(bars=[bar for bar in feed.bars if bar.symbol in symbols])
    if not feed.bars:
        raise FeedError(f"{name}: no bars of {', '.join(symbols)}")
    return feed
