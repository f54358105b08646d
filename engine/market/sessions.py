"""Trading circuit breakers: the session's loss, losing streaks, drawdown; and the turn from session to session.

Never re-arms by itself outside a backtest: moving left needs Git (04-engine 8.6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine import money
from engine.books import Books
from engine.clock import DAY, stamp
from engine.execution.outgoing import Outgoing
from engine.market.calendars import AlwaysOpen, TradingCalendar
from engine.money import Ratio, ceil_div
from engine.portfolio import Trade
from engine.trading_state import TradingState

WARNINGS = (50, 75, 90)
"""Hundredths of a limit at which somebody is told, before it trips."""


class Sessions:
    """Watches equity against the limits of the session."""

    def __init__(self, books: Books, outgoing: Outgoing, calendar: TradingCalendar, *, rearms: bool) -> None:
        self._books = books
        self._outgoing = outgoing
        self.calendar = calendar
        self._rearms = rearms
        self.ends = -1
        self.day: str | None = None
        self.on_turn: Callable[[bool], None] = lambda was_tripped: None
        self.is_tripped = False
        self.floor = 0
        self._told: set[tuple[str, int]] = set()
        self._warnings: list[tuple[int, str, int]] = []
        self.trips: list[dict[str, object]] = []
        self.measure()

    def roll(self, at: int) -> None:
        """Begin the session of `at`, if it is another one: the last equity is its start, the best close the peak."""
        view = self._books.view
        session, day = self.calendar.session(at), self.calendar.session_day(at)
        self.ends = session.closes if session is not None else at + 1
        if day == self.day:
            return
        before, self.day = self.day, day
        if before is not None:
            view.peak_equity = max(view.peak_equity, view.equity)
            view.start_equity = view.equity
            if view.losing_streak >= view.limits.losses_in_a_row:
                view.losing_streak = 0
        view.begin_session()
        self._told.clear()
        self.measure()
        if before is not None:
            self._rearm(view.now)
        start, peak = money.text(view.start_equity), money.text(view.peak_equity)
        self._outgoing.note(
            "session", {"day": day, "equity": start, "peak": peak, "streak": view.losing_streak}
        )

    def resume(self, day: str | None, *, tripped: bool) -> None:
        """Go on in the session a journal ended in."""
        self.day = day
        self.is_tripped = tripped
        self.measure()

    def measure(self) -> None:
        """The equity at or below which something trips, or somebody is told that it is near."""
        view = self._books.view
        losses = {
            "DAILY_LOSS": (view.start_equity, view.limits.daily_loss_share),
            "DRAWDOWN": (view.peak_equity, view.limits.drawdown_share),
        }
        self._daily, self._drawn = (_left(base, share, 100) for base, share in losses.values())
        self._warnings = sorted(
            (_left(base, share, percent), name, percent)
            for name, (base, share) in losses.items()
            for percent in WARNINGS
            if (name, percent) not in self._told
        )
        self._lower()

    def check(self, at: int) -> None:
        """After a fill or a mark: tell what is near, trip what is to trip; each once a session."""
        view = self._books.view
        equity = view.equity
        while self._warnings and equity <= self._warnings[-1][0]:
            _, name, percent = self._warnings.pop()
            self._warn(name, percent)
        self._lower()
        if equity <= self._drawn and view.state < TradingState.HALTED:
            self._trip("DRAWDOWN", TradingState.HALTED, at)
        if equity <= self._daily and view.state < TradingState.REDUCING:
            self._trip("DAILY_LOSS", TradingState.REDUCING, at)

    def _lower(self) -> None:
        """Below the floor there is something to do: the hot path compares with this one number."""
        self.floor = max(self._daily, self._drawn, *(level for level, _, _ in self._warnings[-1:]))

    def _warn(self, name: str, percent: int) -> None:
        self._told.add((name, percent))
        self._books.alerts.append(f"{percent} % of the limit {name}")

    def count(self, trade: Trade, at: int) -> None:
        """A trade closed: zero neither counts nor resets."""
        view, net = self._books.view, trade.net
        if net == 0:
            return
        view.losing_streak = view.losing_streak + 1 if net < 0 else 0
        self.check_streak(at)

    def check_streak(self, at: int) -> None:
        """Tell of losses in a row, and trip at the last one allowed."""
        view = self._books.view
        if view.losing_streak >= view.limits.losses_in_a_row:
            if view.state < TradingState.REDUCING:
                self._trip("CONSEC_LOSS", TradingState.REDUCING, at)
            return
        for percent in WARNINGS:
            is_near = 100 * view.losing_streak >= percent * view.limits.losses_in_a_row
            if is_near and ("CONSEC_LOSS", percent) not in self._told:
                self._warn("CONSEC_LOSS", percent)

    def _trip(self, breaker: str, state: TradingState, at: int) -> None:
        view = self._books.view
        facts = {
            "breaker": breaker,
            "time": stamp(at),
            "equity": money.text(view.equity),
            "start_equity": money.text(view.start_equity),
        }
        self.trips.append(dict(facts))
        self._outgoing.note("breaker", dict(facts))
        self._outgoing.move(state, breaker)
        self.is_tripped = True

    def _rearm(self, at: int) -> None:
        """A backtest goes on by itself; elsewhere whoever listens asks Git and the venue first."""
        view, was_tripped = self._books.view, self.is_tripped
        self.is_tripped = False
        if was_tripped and self._rearms and view.state is not TradingState.KILLED:
            view.state = TradingState.ACTIVE
            self.trips.append({"breaker": "REARMED", "time": stamp(at), "equity": money.text(view.equity)})
            self._outgoing.note("state", {"state": "ACTIVE", "cause": "next session, backtest"})
        self.on_turn(was_tripped)


def _left(base: int, share: Ratio, percent: int) -> int:
    """Equity at which `percent` hundredths of the limit are used up."""
    return base - ceil_div(base * share.over * percent, share.under * 100)


def account_calendar(calendars: Mapping[str, TradingCalendar]) -> TradingCalendar:
    """The sessions the account counts losses by: its markets' own when they share one, else the UTC day."""
    return next(iter(calendars.values())) if len(calendars) == 1 else AlwaysOpen()


def covers_day(calendar: TradingCalendar, label: int) -> bool:
    """Whether the day of a daily bar is a session of its market."""
    return calendar.session_day(label - label % DAY + DAY - 1) == stamp(label)[:10]
