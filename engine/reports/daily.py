"""One day after another: what came in, what was refused, what was traded and what it brought (seed 004, phase 6).

Never mixes sessions: a trade counts for the day it was closed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeVar

from engine.clock import stamp
from engine.reports.facts import ClosedTrade, Denial, EquityPoint, Run, Trip
from engine.reports.summary import Drawdown, Summary, denials_by_code, drawdown, percent, summary

UNKNOWN = "unknown"
T = TypeVar("T")


class Day(NamedTuple):
    """One session."""

    day: str
    received: int
    valid: int
    valid_percent: Decimal | None
    rejected: int
    denials: dict[str, int]
    figures: Summary
    drawdown: Drawdown
    trips: tuple[str, ...]
    trades: tuple[ClosedTrade, ...]


def utc_day(at: int) -> str:
    """The day of accounts that trade around the clock."""
    return stamp(at)[:10]


def daily(run: Run, day_of: Callable[[int], str | None] = utc_day) -> tuple[Day, ...]:
    """Every day on which something happened; `day_of` is the calendar's `session_day`."""

    def by_day(items: Iterable[T], at: Callable[[T], int]) -> dict[str, list[T]]:
        found: dict[str, list[T]] = {}
        for item in items:
            found.setdefault(day_of(at(item)) or UNKNOWN, []).append(item)
        return found

    parts = _Parts(
        valid=by_day(run.signals.values(), int),
        rejected=by_day(run.rejected, int),
        trades=by_day(run.trades, lambda trade: trade.exited_at),
        denials=by_day(run.denials, lambda denial: denial.at),
        equity=by_day(run.equity, lambda point: point.at),
        trips=by_day(run.trips, lambda trip: trip.at),
    )
    return tuple(_day(parts, day) for day in sorted({day for part in parts for day in part}))


class _Parts(NamedTuple):
    valid: Mapping[str, Sequence[int]]
    rejected: Mapping[str, Sequence[int]]
    trades: Mapping[str, Sequence[ClosedTrade]]
    denials: Mapping[str, Sequence[Denial]]
    equity: Mapping[str, Sequence[EquityPoint]]
    trips: Mapping[str, Sequence[Trip]]


def _day(parts: _Parts, day: str) -> Day:
    valid, rejected = len(parts.valid.get(day, ())), len(parts.rejected.get(day, ()))
    trades, points = parts.trades.get(day, ()), parts.equity.get(day, ())
    return Day(
        day=day,
        received=valid + rejected,
        valid=valid,
        valid_percent=percent(valid, valid + rejected),
        rejected=rejected,
        denials=denials_by_code(parts.denials.get(day, ())),
        figures=summary(trades),
        drawdown=drawdown(points[0].equity if points else 0, points),
        trips=tuple(trip.breaker for trip in parts.trips.get(day, ())),
        trades=tuple(trades),
    )
