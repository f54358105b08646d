"""When a market is open: tables of sessions made once, integers looked up by bisection.

Never guesses: outside what is recorded the phase is UNKNOWN, and unknown halts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from typing import NamedTuple, Protocol

from config.models.catalogue import Catalogue
from engine.clock import DAY, parse_stamp, stamp

ALWAYS = "24/7"
FAR = parse_stamp("9999-12-31T00:00:00Z")


class CalendarError(Exception):
    """A calendar that nobody knows, or whose record contradicts itself; the engine refuses to start on it."""


class Phase(Enum):
    """Whether a market trades."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Session(NamedTuple):
    """One trading day: its name, and the instants between which it runs; the last one is no longer in it."""

    day: str
    opens: int
    closes: int
    pause: tuple[int, int] | None = None


class TradingCalendar(Protocol):
    """Answers about instants; None means unknown, and unknown never passes."""

    @property
    def name(self) -> str:
        """Its name in instruments.yaml."""

    def phase(self, at: int) -> Phase:
        """Whether the market trades at this instant."""

    def session(self, at: int) -> Session | None:
        """The session open at this instant, a pause within it included; None while closed or unknown."""

    def session_day(self, at: int) -> str | None:
        """The day this instant counts for: that of the session last opened."""

    def left(self, at: int) -> int | None:
        """Microseconds until the session ends; None where it never does, or where no session is open."""


class AlwaysOpen:
    """24/7: its session is the UTC day, and never ends early."""

    name = ALWAYS

    def phase(self, at: int) -> Phase:
        """Open."""
        return Phase.OPEN

    def session(self, at: int) -> Session:
        """The UTC day."""
        start = at - at % DAY
        return Session(stamp(start)[:10], start, start + DAY)

    def session_day(self, at: int) -> str:
        """The UTC day."""
        return stamp(at)[:10]

    def left(self, at: int) -> None:
        """It never closes."""


class SessionTable:
    """The sessions of one exchange between two days."""

    __slots__ = ("_first", "_last", "_opens", "_sessions", "name")

    def __init__(self, name: str, sessions: Sequence[Session], first: str, last: str) -> None:
        for before, after in pairwise(sessions):
            if before.closes > after.opens:
                raise CalendarError(f"{name}: session {after.day} opens before {before.day} closes")
        self.name = name
        self._sessions = tuple(sessions)
        self._opens = [session.opens for session in sessions]
        self._first = min(parse_stamp(f"{first}T00:00:00Z"), *self._opens[:1], FAR)
        self._last = max(parse_stamp(f"{last}T00:00:00Z") + DAY, *(s.closes for s in sessions[-1:]), 0)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All of them."""
        return self._sessions

    def phase(self, at: int) -> Phase:
        """Open inside a session and outside its pause, closed between, unknown outside what is recorded."""
        if not self._first <= at < self._last:
            return Phase.UNKNOWN
        session = self.session(at)
        if session is None or (session.pause and session.pause[0] <= at < session.pause[1]):
            return Phase.CLOSED
        return Phase.OPEN

    def session(self, at: int) -> Session | None:
        """The session open at this instant."""
        session = self._opened(at)
        return session if session is not None and at < session.closes else None

    def session_day(self, at: int) -> str | None:
        """The day of the session last opened; None before the first and outside what is recorded."""
        session = self._opened(at) if at < self._last else None
        return None if session is None else session.day

    def left(self, at: int) -> int | None:
        """Time until the session ends."""
        session = self.session(at)
        return None if session is None else session.closes - at

    def _opened(self, at: int) -> Session | None:
        place = bisect_right(self._opens, at)
        return self._sessions[place - 1] if place else None


def calendars(
    catalogue: Catalogue, names: Iterable[str], first: str, last: str
) -> Mapping[str, TradingCalendar]:
    """Each named calendar, recorded from one day to another; less where nobody knows more."""
    return {name: calendar(catalogue, name, first, last) for name in sorted(set(names))}


def calendar(catalogue: Catalogue, name: str, first: str, last: str) -> TradingCalendar:
    """One calendar: of calendar.yaml, else of the library, else refused."""
    if ALWAYS in catalogue.calendar.exchanges:
        raise CalendarError(f"`{ALWAYS}` has no hours of its own; remove it from calendar.yaml")
    if name == ALWAYS:
        return AlwaysOpen()
    days = _days(first, last)
    from engine.market.exchange_sessions import sessions_of

    sessions, first_known, last_known = sessions_of(catalogue.calendar.exchanges.get(name), name, *days)
    return SessionTable(name, sessions, first_known.isoformat(), last_known.isoformat())


def _days(first: str, last: str) -> tuple[date, date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if start > end:
        raise CalendarError(f"from {first} to {last} is no span of days")
    return start, end


def span_of(instants: Sequence[int]) -> tuple[str, str]:
    """The days that hold all these instants, with a fortnight on either side: what a replay needs to know."""
    around = timedelta(days=14) // timedelta(microseconds=1)
    return stamp(min(instants) - around)[:10], stamp(max(instants) + around)[:10]
