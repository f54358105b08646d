"""One day after another: what came in, what was refused, what was traded and what it brought (seed 004, phase 6).

Never mixes sessions: a trade counts for the day it was closed on.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from engine.clock import stamp
from engine.reports.facts import ClosedTrade, Run
from engine.reports.summary import Drawdown, Summary, denials_by_code, drawdown, percent, summary


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
    instants = [*run.signals.values(), *run.rejected, *(point.at for point in run.equity)]
    instants += [trade.exited_at for trade in run.trades] + [denial.at for denial in run.denials]
    days = sorted({day_of(at) or "unknown" for at in instants})
    return tuple(_day(run, day, day_of) for day in days)


def _day(run: Run, day: str, day_of: Callable[[int], str | None]) -> Day:
    def is_today(at: int) -> bool:
        return (day_of(at) or "unknown") == day

    valid = sum(is_today(at) for at in run.signals.values())
    rejected = sum(is_today(at) for at in run.rejected)
    trades = tuple(trade for trade in run.trades if is_today(trade.exited_at))
    points = [point for point in run.equity if is_today(point.at)]
    return Day(
        day=day,
        received=valid + rejected,
        valid=valid,
        valid_percent=percent(valid, valid + rejected),
        rejected=rejected,
        denials=denials_by_code([denial for denial in run.denials if is_today(denial.at)]),
        figures=summary(trades),
        drawdown=drawdown(points[0].equity if points else 0, points),
        trips=tuple(trip.breaker for trip in run.trips if is_today(trip.at)),
        trades=trades,
    )
