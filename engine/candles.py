"""Ticks become bars: open is the first, close the last by (exchange time, sequence); a told bar never changes.

Never fills a silence with the last price: an empty bucket is no bar, and the next bar says that there was a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from engine.clock import SECOND
from engine.market.bars import Bar
from engine.market.calendars import Phase, TradingCalendar

LATENESS = 2 * SECOND


class Tick(NamedTuple):
    """One trade of the market: exchange time in microseconds, the exchange's own sequence, price in ticks."""

    symbol: str
    at: int
    sequence: int
    price: int
    quantity: int


class Candle(NamedTuple):
    """A finished bar, and whether buckets of the same session before it stayed empty."""

    bar: Bar
    gap: bool


class Taken(Enum):
    """What became of a tick."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    LATE = "late"
    AHEAD = "ahead"
    OUTSIDE = "outside"
    INVALID = "invalid"


@dataclass(slots=True)
class _Bucket:
    start: int
    first: tuple[int, int]
    final: tuple[int, int]
    bar: Bar
    sequences: set[int]


class CandleBuilder:
    """Builds the bars of one symbol, one frame long, inside the sessions of its calendar."""

    def __init__(
        self, symbol: str, frame: int, calendar: TradingCalendar, *, lateness: int = LATENESS
    ) -> None:
        if frame <= 0 or lateness < 0:
            raise ValueError(f"frame {frame}, lateness {lateness}")
        self._symbol = symbol
        self._frame = frame
        self._calendar = calendar
        self._lateness = lateness
        self._open: dict[int, _Bucket] = {}
        self._now = 0
        self._told: int | None = None
        self.counts = dict.fromkeys(Taken, 0)

    def add(self, tick: Tick, received_at: int) -> Taken:
        """Apply one tick, or say why not; every tick is counted once."""
        taken = self._judge(tick, received_at)
        if taken is Taken.APPLIED:
            taken = self._apply(tick)
        self.counts[taken] += 1
        return taken

    def advance(self, now: int) -> tuple[Candle, ...]:
        """The bars no tick in time can change any more, oldest first; a clock that goes back changes nothing."""
        self._now = max(self._now, now)
        due = sorted(start for start in self._open if start + self._frame + self._lateness <= self._now)
        return tuple(self._tell(self._open.pop(start)) for start in due)

    def _judge(self, tick: Tick, received_at: int) -> Taken:
        received = max(received_at, self._now)
        if tick.symbol != self._symbol or tick.price <= 0 or tick.quantity < 0:
            return Taken.INVALID
        if received - tick.at > self._lateness or tick.at - tick.at % self._frame <= (self._told or -1):
            return Taken.LATE
        if tick.at - received > self._lateness:
            return Taken.AHEAD
        return Taken.APPLIED if self._calendar.phase(tick.at) is Phase.OPEN else Taken.OUTSIDE

    def _apply(self, tick: Tick) -> Taken:
        start = tick.at - tick.at % self._frame
        if any(tick.sequence in bucket.sequences for bucket in self._open.values()):
            return Taken.DUPLICATE
        place, price = (tick.at, tick.sequence), tick.price
        bucket = self._open.get(start)
        if bucket is None:
            bar = Bar(self._symbol, start, price, price, price, price, tick.quantity)
            self._open[start] = _Bucket(start, place, place, bar, {tick.sequence})
            return Taken.APPLIED
        bucket.sequences.add(tick.sequence)
        bar = bucket.bar
        bucket.bar = bar._replace(
            open=price if place < bucket.first else bar.open,
            high=max(bar.high, price),
            low=min(bar.low, price),
            close=price if place > bucket.final else bar.close,
            volume=bar.volume + tick.quantity,
        )
        bucket.first, bucket.final = min(bucket.first, place), max(bucket.final, place)
        return Taken.APPLIED

    def _tell(self, bucket: _Bucket) -> Candle:
        is_gap = bucket.start > self._expected(bucket)
        self._told = bucket.start
        return Candle(bucket.bar, is_gap)

    def _expected(self, bucket: _Bucket) -> int:
        """The first bucket that should have held a tick: after the last bar, or where the session opened."""
        if self._told is None:
            return bucket.start
        session = self._calendar.session(bucket.first[0])
        opened = bucket.start if session is None else session.opens - session.opens % self._frame
        if session is not None and session.pause and bucket.first[0] >= session.pause[1] > self._told:
            opened = session.pause[1] - session.pause[1] % self._frame
        is_round_the_clock = self._calendar.left(bucket.first[0]) is None
        return self._told + self._frame if is_round_the_clock else max(self._told + self._frame, opened)
