"""A replay: the engine of paper trading over bars and signals of the past, with a journal that touches no disk.

Never reads a clock: the same input gives the same trades and the same journal hash on every run and machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.denials import Denied
from engine.exits import fill_model
from engine.feeds.feed import Feed
from engine.intake.receiving import Received
from engine.intake.signal_reasons import Rejected
from engine.journal.memory import MemoryJournal
from engine.loop import Engine
from engine.market.calendars import span_of
from engine.market.corporate_actions import Actions
from engine.orders import Intent, Leg, Order
from engine.paper import markets_of, new_books
from engine.portfolio import Trade
from engine.protocols import Accepted, Decision, OpenLatch
from engine.replaying.backtest_state import StartState
from engine.signals import Signal
from engine.strategies.registry import strategy
from engine.trading_state import Mode, TradingState
from engine.venues.paper import PaperVenue
from engine.venues.protocol import Ended


class Refusal(NamedTuple):
    """A signal that did not become a position: the first code, all codes, and why."""

    at: int
    signal_id: str
    symbol: str
    code: str
    codes: tuple[str, ...]
    detail: str


@dataclass(slots=True)
class Result:
    """What a replay left behind; money in units, instants in microseconds."""

    trades: list[Trade] = field(default_factory=list)
    denied: list[Refusal] = field(default_factory=list)
    equity_at: list[int] = field(default_factory=list)
    equity: list[int] = field(default_factory=list)
    trips: list[dict[str, object]] = field(default_factory=list)
    open_trades: list[Trade] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    working: list[Order] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    state: TradingState = TradingState.ACTIVE
    cash: int = 0
    start_equity: int = 0
    bars: int = 0
    signals: int = 0
    records: int = 0
    journal_hash: str = ""


class StandingFlags:
    """One answer for the whole replay."""

    def __init__(self, decision: Decision) -> None:
        self._decision = decision

    def decide(self, flag_key: str, account: str) -> Decision:
        """The answer."""
        return self._decision


def build(accepted: Accepted, feed: Feed, decision: Decision, journal: MemoryJournal | None = None) -> Engine:
    """An engine for a replay of `feed`."""
    environment = accepted.environment
    books, known = new_books(accepted, Mode("backtest"), feed.span)
    symbols = feed.symbols()
    traded = {symbol: known[symbol] for symbol in known if symbol in symbols} or known
    days = span_of((feed.bars[0].at, feed.bars[-1].at))
    venue = PaperVenue(environment.account.id, known, books.view.cash, fill_model(environment.venue))
    venue.keeps_history = False
    engine = Engine(
        accepted,
        books=books,
        flags=StandingFlags(decision),
        latch=OpenLatch(),
        journal=journal or MemoryJournal(),
        venue=venue,
        strategy=strategy(environment.strategy.name, environment.strategy.parameters),
        calendars=markets_of(accepted, traded, days),
        actions=Actions(accepted.catalogue.corporate_actions.actions),
        time=lambda: books.view.now,
    )
    books.view.state = TradingState.KILLED if environment.trading_halted else TradingState.ACTIVE
    return engine


def replay(
    accepted: Accepted,
    feed: Feed,
    decision: Decision,
    *,
    signals: Sequence[Received] = (),
    start: StartState | None = None,
    journal: MemoryJournal | None = None,
) -> Result:
    """Everything that happens over the feed."""
    kept = journal or MemoryJournal()
    engine = build(accepted, feed, decision, kept)
    engine.books.view.now = feed.bars[0].at
    if start is not None:
        start.install(engine)
    result = Result(start_equity=engine.books.view.start_equity, signals=len(signals))
    _listen(engine, result)
    _drive(engine, feed, sorted(signals, key=lambda received: received.received_at), result)
    result.trades = engine.books.portfolio.closed
    result.open_trades = list(engine.books.portfolio.open.values())
    result.waiting = [signal.id for signal in engine.entries.waiting.all()]
    open_orders = [order for orders in engine.books.working.values() for order in orders]
    result.working = [order for order in open_orders if order.intent.leg is Leg.E]
    result.trips, result.alerts = engine.sessions.trips, engine.books.alerts
    result.state, result.cash, result.bars = engine.state, engine.books.view.cash, engine.counts.bars
    result.journal_hash, result.records = kept.head, kept.count
    return result


def _drive(engine: Engine, feed: Feed, signals: Sequence[Received], result: Result) -> None:
    view, span = engine.books.view, feed.span
    add_at, add_equity = result.equity_at.append, result.equity.append
    following, count = 0, len(signals)
    on_bars = engine.on_bars
    for bars in feed.by_time():
        at = bars[0].at
        while following < count and signals[following].received_at < at + span:
            engine.receiving.inbox.append(signals[following])
            following += 1
        on_bars(bars)
        add_at(at)
        add_equity(view.cash + view.total_value)
    rest = signals[following:]
    if rest:
        _judge(engine, rest)


def _judge(engine: Engine, late: Sequence[Received]) -> None:
    """What arrived after the last bar meets no market: it is refused with its reasons, or waits."""
    view = engine.books.view
    view.now = max(view.now, late[-1].received_at)
    engine.receiving.inbox.extend(late)
    engine.receiving.take()
    engine.entries.expire()


def _listen(engine: Engine, result: Result) -> None:
    def on_deny(intent: Intent, denied: Denied) -> None:
        if intent.leg is Leg.E:
            codes = tuple(code.value for code in denied.codes)
            add(intent.signal_id, intent.symbol, denied.code.value, codes, denied.detail)

    def on_expire(signal: Signal, denied: Denied) -> None:
        add(signal.id, signal.symbol, denied.code.value, (denied.code.value,), denied.detail)

    def on_dead_letter(received: Received, rejected: Rejected) -> bool:
        codes = tuple(code.value for code in rejected.codes)
        detail = "; ".join(f"{reason.key}: {reason.detail}" for reason in rejected.reasons)
        add(rejected.id or rejected.digest[:16], "", codes[0], codes, detail)
        return True

    def on_end(order: Order, ended: Ended) -> None:
        if order.intent.leg is not Leg.E or order.filled:
            return
        code, detail = "ENTRY_GAPPED", "withdrawn: its prices are from before a split"
        if ended.reason == code:
            detail = "opened beyond its bracket"
        elif ended.reason == "WAIT_EXPIRED":
            code, detail = "WAIT_EXPIRED", "expired at the venue"
        elif engine.state is not TradingState.ACTIVE:
            code, detail = "STATE", f"withdrawn: trading is {engine.state.name}"
        elif engine.books.view.lines[order.intent.symbol].jumped:
            code, detail = "UNEXPLAINED_JUMP", "withdrawn: the market opened far from its last close"
        add(order.intent.signal_id, order.intent.symbol, code, (code,), detail)

    def add(signal_id: str, symbol: str, code: str, codes: tuple[str, ...], detail: str) -> None:
        result.denied.append(Refusal(engine.books.view.now, signal_id, symbol, code, codes, detail))

    engine.outgoing.on_deny = on_deny
    engine.entries.on_expire = on_expire
    engine.receiving.on_dead_letter = on_dead_letter
    engine.incoming.on_end = on_end
