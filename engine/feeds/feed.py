"""A finite feed: bars in time order, the span of one bar, and a sentence that says where they come from.

Never mixes spans, and never hides a source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from operator import attrgetter, lt, sub
from typing import NamedTuple

from engine.clock import SECOND
from engine.market.bars import Bar


class FeedError(ValueError):
    """Bars that cannot be traded on: unsorted, doubled, off tick, contradictory, or none."""


class Feed(NamedTuple):
    """Bars, sorted by time, then symbol."""

    source: str
    span: int
    bars: Sequence[Bar]

    def symbols(self) -> set[str]:
        """What it has bars of."""
        return set(map(_symbol, self.bars))

    def by_time(self) -> Iterator[tuple[Bar, ...]]:
        """All bars of one time together."""
        if len(self.symbols()) == 1:
            return zip(self.bars)
        return (tuple(group) for _, group in groupby(self.bars, key=_time))


_time: Callable[[Bar], int] = attrgetter("at")
_symbol: Callable[[Bar], str] = attrgetter("symbol")


def ordered(bars: Sequence[Bar]) -> Sequence[Bar]:
    """Bars sorted by time and symbol; what comes sorted is kept as it is."""
    times = [bar.at for bar in bars]
    if all(map(lt, times, islice(times, 1, None))):
        return bars
    return sorted(bars, key=attrgetter("at", "symbol"))


def span_of(bars: Sequence[Bar]) -> int:
    """The smallest step between two bars of one symbol; a minute where no symbol has two."""
    times = [bar.at for bar in bars]
    if (
        len(set(map(_symbol, bars))) == 1
        and (step := min(map(sub, islice(times, 1, None), times), default=0)) > 0
    ):
        return step
    last: dict[str, int] = {}
    smallest = 0
    for bar in bars:
        before = last.get(bar.symbol)
        if before is not None and (step := bar.at - before) > 0 and (step < smallest or not smallest):
            smallest = step
        last[bar.symbol] = bar.at
    return smallest or 60 * SECOND
