"""A bar in integers: ticks, units, and the instant at which it opened.

Never carries a float, and never a bar whose prices contradict one another.
"""

from __future__ import annotations

from typing import NamedTuple


class Bar(NamedTuple):
    """One symbol's prices over one span, labelled by its open."""

    symbol: str
    at: int
    open: int
    high: int
    low: int
    close: int
    volume: int


class BarError(ValueError):
    """A bar whose numbers contradict one another."""


def check(bar: Bar) -> Bar:
    """The bar itself, or BarError."""
    if not 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
        raise BarError(
            f"{bar.symbol}: low {bar.low}, open {bar.open}, close {bar.close}, high {bar.high} ticks"
        )
    if bar.volume < 0:
        raise BarError(f"{bar.symbol}: volume {bar.volume}")
    return bar
