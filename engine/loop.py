"""The engine: one account, one writer, one order of events per bar time.

At one time: open fills, intrabar exits, close mark, breakers, signals, readiness, strategy (04-engine 8.17).
Never acts on a bar it has not fully seen, and obeys a closed latch before anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.books import Books, Counts
from engine.clock import DAY, stamp
from engine.execution.entries import Entries
from engine.execution.incoming import Incoming
from engine.execution.moves import Moves
from engine.execution.naked import Naked
from engine.execution.outgoing import Outgoing
from engine.execution.unknowns import Unknowns
from engine.instruments import Instrument
from engine.intake.receiving import Received, Receiving
from engine.journal.protocol import Journal
from engine.killing.kill_order import obey, remember
from engine.limits import risk_limits
from engine.market.bars import Bar
from engine.market.calendars import Phase, TradingCalendar
from engine.market.corporate_actions import Actions, Jump
from engine.market.sessions import Sessions, account_calendar, covers_day
from engine.market.splits import recorded, split_held
from engine.orders import IN_FLIGHT, Leg
from engine.portfolio import Trade
from engine.protocols import Accepted, FlagView, Latch
from engine.recovery import Recovered, rearm, recover, release
from engine.signals import Signal
from engine.strategies.protocol import Strategy
from engine.trading_state import TradingState
from engine.venues.protocol import Happening, Venue
from engine.view import Line


class Engine:
    """Drive it with `on_bar` or `on_bars`; ask `poll` between bars."""

    def __init__(
        self,
        accepted: Accepted,
        *,
        books: Books,
        flags: FlagView,
        latch: Latch,
        journal: Journal,
        venue: Venue,
        strategy: Strategy,
        calendars: Mapping[str, TradingCalendar],
        actions: Actions,
        time: Callable[[], int],
    ) -> None:
        self.accepted = accepted
        self.books = books
        self._view, self._counts = books.view, books.counts
        self.journal = journal
        self.venue = venue
        self._latch = latch
        self._rule = strategy.on_bar
        self._calendars = calendars
        self.outgoing = Outgoing(
            books,
            environment=accepted.environment.environment,
            journal=journal,
            venue=venue,
            flags=flags,
            latch=latch,
            time=time,
        )
        self.incoming = Incoming(books, self.outgoing, venue)
        self.incoming.on_close = self._closed
        self.unknowns = Unknowns(books, self.outgoing, self.incoming, venue)
        self._naked = Naked(books, self.incoming)
        rearms = books.view.mode == "backtest"
        self.sessions = Sessions(books, self.outgoing, account_calendar(calendars), rearms=rearms)
        self.sessions.on_turn = self._turned
        self.entries = Entries(books, self.outgoing)
        self.entries.before = self._look_at_session
        self._waiting = self.entries.waiting.signals
        self.receiving = Receiving(books, self.outgoing, self.entries)
        self._moves = Moves(books, self.outgoing, self.receiving, strategy.name)
        self._jump = books.view.limits.jump_share
        self._day = books.view.span - 1 if books.view.span >= DAY else 0  # a day's bar is of its last instant
        self._is_streak = False
        self._actions = actions
        self.time = time
        self.kill_epoch = 0

    @property
    def state(self) -> TradingState:
        """What may still go out."""
        return self.books.view.state

    @property
    def counts(self) -> Counts:
        """What happened since the start."""
        return self.books.counts

    def start(self) -> Recovered:
        """Recovery, the only way in: replay, compare with the venue, and leave REDUCING only as Git allows."""
        return recover(self)

    def on_bar(self, bar: Bar) -> None:
        """One bar, alone at its time."""
        self.on_bars((bar,))

    def on_bars(self, bars: Sequence[Bar]) -> None:
        """All bars of one time, in the order of events above."""
        view, sessions, waiting = self._view, self.sessions, self._waiting
        at = bars[0].at
        if self._latch.closed and view.state is not TradingState.KILLED:
            self.poll()
        view.now = at
        if at + self._day >= sessions.ends:
            sessions.roll(at + self._day)
        self._meet(bars, at + view.span)
        if view.cash + view.total_value <= sessions.floor:
            self._check()
        entered = bool(waiting or self.receiving.inbox) and self._take_in(bars)
        for bar in bars:
            moves = self._rule(bar, self)
            if moves:
                self._moves.follow(moves)
        if waiting and not entered:
            self.entries.choose(bars)
        self._counts.bars += len(bars)
        if self.outgoing.is_noted and not self.outgoing.is_grouping:
            self.outgoing.sync()

    def _take_in(self, bars: Sequence[Bar]) -> bool:
        """What arrived and what waits; whether one went to the gate."""
        self.receiving.take()
        self.entries.expire()
        return self.entries.choose(bars)

    def poll(self) -> None:
        """Between bars: obey a latch that closed, and ask for orders of unknown fate."""
        self._catch_up()
        if self._waiting:
            self.entries.expire(self.time())
        if self.books.view.total_unknown:
            self.unknowns.ask(self.time())
        if self.outgoing.naked:
            self._naked.look(self.outgoing.naked, self.time())
        if self.outgoing.breaker.is_due() and self.outgoing.breaker.probe(self.venue.account):
            self.outgoing.send(self.outgoing.breaker.release())
        if self._latch.closed:
            self._obey()

    def _obey(self) -> None:
        """A kill; and while KILLED a later one, or the epoch of the one whose latch closed before it had its number."""
        is_new = self.books.view.state is not TradingState.KILLED
        if is_new:
            obey(self._latch, self.books, self.outgoing, self.incoming, self.journal, self.venue)
        elif self._latch.epoch > self.kill_epoch:
            remember(self._latch, self.books, self.outgoing, self.journal)
        self.kill_epoch = max(self.kill_epoch, self._latch.epoch)

    def on_signal(self, payload: bytes, received_at: int) -> None:
        """Bytes of a signal; they are judged at the next close, after its marks."""
        self.receiving.inbox.append(Received(received_at, payload))

    def receive(self, arrived: Sequence[Received]) -> bool:
        """Signals from outside, judged at once: durable when this returns; False: nothing more may be taken."""
        self.receiving.inbox += arrived
        self.receiving.take()
        return self.outgoing.sync() and not self.receiving.is_stuck

    def adopt(self, accepted: Accepted) -> None:
        """A new bundle between two bars: limits change, positions and waiting signals stay."""
        self.accepted = accepted
        view = self.books.view
        view.limits = risk_limits(accepted.environment)
        view.venue_mode = accepted.environment.venue.mode
        self._jump = view.limits.jump_share
        self.sessions.measure()
        self.outgoing.note("cfg", {"commit": accepted.bundle.commit, "bundle_digest": accepted.bundle.digest})

    def release(self, epoch: int, cause: str) -> bool:
        """A merged record covers kill `epoch` and the latch is open again; whether trading goes on."""
        return not self._latch.closed and release(self, epoch, cause)

    def report_drift(self, reason: str) -> None:
        """What runs is not what Git published: entries are denied until the reason is taken back with an empty text."""
        self.books.view.drift = reason

    def instrument(self, symbol: str) -> Instrument:
        """For strategies: the instrument."""
        return self.books.view.lines[symbol].instrument

    def is_flat(self, symbol: str) -> bool:
        """For strategies: whether nothing is held and nothing is on its way."""
        return not self.books.view.lines[symbol].held

    def exit(self, trade: Trade, leg: Leg = Leg.X, n: int = 1) -> None:
        """Close a trade at the next open, once; `n` numbers a repeated flatten."""
        self._moves.exit(trade, leg, n)

    def withdraw(self) -> None:
        """Before a graceful stop: no new entries, and those at the venue are asked back; stops stay."""
        self.outgoing.move(TradingState.REDUCING, "stop asked for")
        entries = [o for orders in self.books.working.values() for o in orders if o.intent.leg is Leg.E]
        self.outgoing.cancel([order for order in entries if not order.is_asked])
        self.incoming.drain()

    def in_flight(self) -> list[str]:
        """Orders the venue has not answered for yet; a stop waits for them a while."""
        return [order.id for order in self.books.orders.values() if order.state in IN_FLIGHT]

    def stop(self, *, clean: bool = True) -> None:
        """Graceful: entries withdrawn, positions and their stops stay; clean only if nothing is in flight."""
        self.withdraw()
        left = self.in_flight()
        told = {"in_flight": left} if left else {}
        self.outgoing.note("shutdown", {"clean": clean and not left, "positions": self.positions(), **told})
        self.outgoing.sync()
        self.journal.close()

    def positions(self) -> Mapping[str, int]:
        """Signed units by symbol, without zeros."""
        return {symbol: line.quantity for symbol, line in self.books.view.lines.items() if line.quantity}

    def _turned(self, was_tripped: bool) -> None:
        """The venue's session is over: what it did not know until now it never got; a tripped breaker may re-arm."""
        if self.books.view.total_unknown:
            self.unknowns.prove("the session is over")
        if was_tripped and self.books.view.mode != "backtest":
            rearm(self)

    def _meet(self, bars: Sequence[Bar], closes_at: int) -> None:
        """Every open before anything inside a bar, and every fill before the first mark."""
        view, (over, under), is_quiet = self._view, self._jump, self.venue.is_quiet
        lines = view.lines
        busy: list[Bar] | None = None
        for bar in bars:
            line = lines[bar.symbol]
            mark = line.mark
            if line.marked_at and abs(bar.open - mark) * under > over * mark:
                self._jumped(bar, line)
            if not is_quiet(bar):
                busy = [*busy, bar] if busy else [bar]
        if busy:
            self._trade(busy)
        view.now = closes_at
        for bar in bars:
            line = lines[bar.symbol]
            line.mark, line.marked_at = bar.close, closes_at
            if line.quantity:
                value = line.quantity * bar.close * line.instrument.tick_value
                view.total_value += value - line.value
                line.value = value

    def _trade(self, busy: Sequence[Bar]) -> None:
        """What the venue did at the opens and then inside the bars; a breaker acts when all of one moment is in."""
        self._catch_up()
        self._live_through(busy, self.venue.at_open)
        if self._live_through(busy, self.venue.inside):
            self._live_through(busy, self.venue.inside)  # who entered inside the bar may meet his stop in it

    def _live_through(self, busy: Sequence[Bar], moment: Callable[[Bar], Sequence[Happening]]) -> bool:
        """One moment of all bars; whether anything happened."""
        happened = [moment(bar) for bar in busy]
        for happenings in happened:
            self.incoming.apply(happenings)
        self._catch_up()
        is_news = any(happened)
        if is_news and self.books.view.equity <= self.sessions.floor:
            self._check()
        return is_news

    def _catch_up(self) -> None:
        """What the venue said between two moments, and what a streak of losses asks for."""
        self.incoming.drain()
        if self._is_streak:
            self._is_streak = False
            self._reduce()

    def _jumped(self, bar: Bar, line: Line) -> None:
        """A split somebody recorded is no crash; anything else stops entries until the next session."""
        before, now = stamp(line.marked_at - 1)[:10], stamp(bar.at)[:10]
        verdict = self._actions.judge(bar.symbol, line.mark, before, bar.open, now, self._jump)
        if verdict.jump is Jump.EXPLAINED:
            split = recorded(self.accepted.catalogue.corporate_actions.actions, bar.symbol, before, now)
            if split.over != split.under:
                split_held(self, bar.symbol, split, bar.at)
            return
        line.jumped = True
        self._withdraw(bar.symbol)
        for trade in self.books.portfolio.of_symbol(bar.symbol):
            trade.unverified_jump = True

    def _withdraw(self, symbol: str = "") -> None:
        """Ask back the entries of one symbol, or of all."""
        working = [order for orders in self.books.working.values() for order in orders]
        entries = [order for order in working if order.intent.leg is Leg.E]
        self.outgoing.cancel([order for order in entries if symbol in ("", order.intent.symbol)])
        self.incoming.drain()

    def begin(self) -> None:
        """A replay that does not start empty: what is tripped trips now."""
        self.sessions.measure()
        self._check()
        before = self.state
        self.sessions.check_streak(self.books.view.now)
        if self.state is not before:
            self._reduce()

    def _check(self) -> None:
        before = self.state
        self.sessions.check(self.books.view.now)
        if self.state is not before:
            self._reduce()

    def _reduce(self) -> None:
        """A breaker tripped: entries are withdrawn, and positions too where Git says so."""
        self._withdraw()
        if self.books.view.limits.flatten_on_trip:
            for trade in list(self.books.portfolio.open.values()):
                self.exit(trade, Leg.F)

    def _closed(self, trade: Trade) -> None:
        before = self.state
        self.sessions.count(trade, self.books.view.now)
        self._is_streak |= self.state is not before

    def _look_at_session(self, signal: Signal) -> None:
        view = self.books.view
        line = view.lines.get(signal.symbol)
        if line is None:
            return
        calendar, now = self._calendars[line.instrument.calendar], view.now
        if view.span >= DAY:
            view.session_closed = not covers_day(calendar, now - view.span)
            view.session_left = -1
            return
        phase, left = calendar.phase(now), calendar.left(now)
        view.session_closed = phase is not Phase.OPEN
        view.session_left = -1 if left is None else left
        if phase is Phase.UNKNOWN:
            self.outgoing.halt(f"calendar {calendar.name} does not cover {stamp(now)}")
