"""Sessions of an exchange between two days: from calendar.yaml, from the library, or the library corrected.

Never extends a record: days nobody wrote down are left out, and the caller learns where the record ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from config.models.hours import Exchange, Hours
from engine.clock import micros
from engine.market.calendars import CalendarError, Session

_FRIDAY = 4
_DAY = timedelta(days=1)
_MARGIN = timedelta(days=14)  # the library refuses a span without a session

Found = tuple[tuple[Session, ...], date, date]


def sessions_of(exchange: Exchange | None, name: str, first: date, last: date) -> Found:
    """All sessions, and the first and last day the record speaks of."""
    if exchange is None:
        return _library(name, first, last)
    if exchange.library is None:
        return _written(exchange, name, first, last)
    known, start, end = _library(exchange.library, first, last)
    by_day = {session.day: session for session in known}
    return _corrected(exchange, by_day, start, end), start, end


def _written(exchange: Exchange, name: str, first: date, last: date) -> Found:
    if not exchange.hours:
        raise CalendarError(f"calendar `{name}` has neither a library nor hours")
    start = max(first, date.fromisoformat(exchange.hours[0].first))
    end = min(last, date.fromisoformat(exchange.hours[-1].last))
    if start > end:
        raise CalendarError(f"calendar `{name}` knows nothing between {first} and {last}")
    special = {entry.day for entry in exchange.special_days}
    zone = ZoneInfo(exchange.zone)
    by_day = {}
    for day in _weekdays(start, end):
        if day.isoformat() not in special:
            hours = _hours_on(exchange.hours, day, name)
            by_day[day.isoformat()] = _session(day, hours.opens, hours.closes, zone)
    return _corrected(exchange, by_day, start, end), start, end


def _corrected(
    exchange: Exchange, by_day: dict[str, Session], first: date, last: date
) -> tuple[Session, ...]:
    zone = ZoneInfo(exchange.zone)
    twice = [day for day, count in Counter(entry.day for entry in exchange.special_days).items() if count > 1]
    if twice:
        raise CalendarError(f"special day {twice[0]} stands there twice")
    for entry in exchange.special_days:
        day = date.fromisoformat(entry.day)
        if not first <= day <= last:
            continue
        if (entry.opens is None) != (entry.closes is None):
            raise CalendarError(f"special day {entry.day}: give both hours, or neither")
        by_day.pop(entry.day, None)
        if entry.opens is not None and entry.closes is not None:
            by_day[entry.day] = _session(day, entry.opens, entry.closes, zone)
    return tuple(by_day[day] for day in sorted(by_day))


def _weekdays(first: date, last: date) -> Iterator[date]:
    while first <= last:
        if first.weekday() <= _FRIDAY:
            yield first
        first += _DAY


def _hours_on(hours: tuple[Hours, ...], day: date, name: str) -> Hours:
    found = [entry for entry in hours if entry.first <= day.isoformat() <= entry.last]
    if len(found) != 1:
        raise CalendarError(f"calendar `{name}`: {len(found)} entries of hours for {day}, wanted one")
    return found[0]


def _session(day: date, opens: str, closes: str, zone: ZoneInfo) -> Session:
    start, end = _instant(day, opens, zone), _instant(day, closes, zone)
    if start >= end:
        raise CalendarError(f"{day}: opens {opens} and closes {closes}")
    return Session(day.isoformat(), start, end)


def _instant(day: date, clock: str, zone: ZoneInfo) -> int:
    local = datetime.combine(day, time.fromisoformat(clock), zone)
    there = local.astimezone(UTC)
    if there.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise CalendarError(f"{day} {clock} does not exist in {zone.key}: the clocks go forward")
    return micros(there)


@cache
def _library(name: str, first: date, last: date) -> Found:
    import warnings

    with warnings.catch_warnings():  # the library speaks to an older pandas
        warnings.simplefilter("ignore", DeprecationWarning)
        return _ask_library(name, first, last)


def _ask_library(name: str, first: date, last: date) -> Found:
    import exchange_calendars

    try:
        known = exchange_calendars.get_calendar(name)
    except exchange_calendars.errors.InvalidCalendarName:
        raise CalendarError(f"no calendar `{name}` in calendar.yaml or exchange_calendars") from None
    lower, upper = known.bound_min(), known.bound_max()
    start = first if lower is None else max(first, lower.date())
    end = last if upper is None else min(last, upper.date())
    if start > end:
        raise CalendarError(f"calendar `{name}` knows nothing between {first} and {last}")
    earlier = start - _MARGIN if lower is None else max(start - _MARGIN, lower.date())
    try:
        table = exchange_calendars.get_calendar(name, start=earlier.isoformat(), end=end.isoformat())
    except (ValueError, exchange_calendars.errors.CalendarError) as error:
        raise CalendarError(f"calendar `{name}` from {start} to {end}: {error}") from None
    sessions = (_from_row(day, row) for day, *row in table.schedule.itertuples())
    return tuple(session for session in sessions if session.day >= start.isoformat()), start, end


def _from_row(day: Any, row: list[Any]) -> Session:
    opens, pause, resumes, closes = row
    is_missing = pause != pause  # NaT
    rest = None if is_missing else (_micros(pause), _micros(resumes))
    return Session(day.date().isoformat(), _micros(opens), _micros(closes), rest)


def _micros(instant: Any) -> int:
    return micros(instant.to_pydatetime())
