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
from engine.money import ceil_div
from engine.portfolio import Trade
from engine.trading_state import TradingState


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
        self.measure()
        if before is not None:
            self._rearm(at)
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
        """The equity at or below which something trips."""
        view = self._books.view
        daily, fall = view.limits.daily_loss_share, view.limits.drawdown_share
        self._daily = view.start_equity - ceil_div(view.start_equity * daily.over, daily.under)
        self._drawn = view.peak_equity - ceil_div(view.peak_equity * fall.over, fall.under)
        self.floor = max(self._daily, self._drawn)

    def check(self, at: int) -> None:
        """After a fill or a mark: trip what is to trip; each trips once a session."""
        view = self._books.view
        equity = view.equity
        if equity <= self._drawn and view.state < TradingState.HALTED:
            self._trip("DRAWDOWN", TradingState.HALTED, at)
        if equity <= self._daily and view.state < TradingState.REDUCING:
            self._trip("DAILY_LOSS", TradingState.REDUCING, at)

    def count(self, trade: Trade, at: int) -> None:
        """A trade closed: zero neither counts nor resets."""
        view, net = self._books.view, trade.net
        if net == 0:
            return
        view.losing_streak = view.losing_streak + 1 if net < 0 else 0
        if view.losing_streak >= view.limits.losses_in_a_row and view.state < TradingState.REDUCING:
            self._trip("CONSEC_LOSS", TradingState.REDUCING, at)

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


def account_calendar(calendars: Mapping[str, TradingCalendar]) -> TradingCalendar:
    """The sessions the account counts losses by: its markets' own when they share one, else the UTC day."""
    return next(iter(calendars.values())) if len(calendars) == 1 else AlwaysOpen()


def covers_day(calendar: TradingCalendar, label: int) -> bool:
    """Whether the day of a daily bar is a session of its market."""
    return calendar.session_day(label - label % DAY + DAY - 1) == stamp(label)[:10]
