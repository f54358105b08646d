"""Time comes from outside: a clock is given, never asked of the machine here.

Instants inside the engine are integers: microseconds since 1970 UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

SECOND = 1_000_000
DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.toordinal()
_MICRO = timedelta(microseconds=1)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """The instant, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""


class ManualClock:
    """A clock that stands still until it is moved: backtests and tests."""

    def __init__(self, start: datetime = _EPOCH) -> None:
        self._now = start

    def now(self) -> datetime:
        """The instant it was moved to."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since 1970 of the same instant."""
        return (self._now - _EPOCH).total_seconds()

    def move_to(self, instant: datetime) -> None:
        """Set the instant; going back is allowed, because real clocks do."""
        self._now = instant

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._now += timedelta(seconds=seconds)


def micros(instant: datetime) -> int:
    """An aware datetime as integer microseconds."""
    return (instant - _EPOCH) // _MICRO


def instant(at: int) -> datetime:
    """Integer microseconds as an aware datetime."""
    return _EPOCH + timedelta(microseconds=at)


def stamp(at: int) -> str:
    """Integer microseconds as RFC 3339 text with `Z`."""
    day, rest = divmod(at, DAY)
    seconds, micro = divmod(rest, SECOND)
    fraction = f".{micro:06d}" if micro else ""
    return f"{_date(day)}T{_time(seconds)}{fraction}Z"


@lru_cache(maxsize=1024)
def _date(day: int) -> str:
    return instant(day * DAY).date().isoformat()


@lru_cache(maxsize=2048)
def _time(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def parse_stamp(text: str) -> int:
    """RFC 3339 text with `Z` (and nothing else) as integer microseconds; ValueError otherwise."""
    if _INSTANT.fullmatch(text) is None:
        raise ValueError(f"not an RFC 3339 instant with Z: {text[:40]!r}")
    hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:19])
    if hour > 23 or minute > 59 or second > 59:
        datetime.fromisoformat(text[:19])  # says which one
    micro = int(text[20:-1].ljust(6, "0")) if len(text) > 20 else 0
    return _midnight(text[:10]) + (hour * 3600 + minute * 60 + second) * SECOND + micro


@lru_cache(maxsize=1024)
def _midnight(day: str) -> int:
    return (date.fromisoformat(day).toordinal() - _FIRST_DAY) * DAY
