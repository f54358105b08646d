"""Where a replay starts when it does not start empty: cash, losses so far, positions, entries on their way.

Never a float, never an unknown key; what is left out follows from what is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.accounting import apply_fill
from engine.instruments import Instrument
from engine.money import parse, to_units
from engine.orders import Event, Intent, Leg, Order, OrderType, client_order_id
from engine.venues.paper import PaperVenue
from engine.venues.protocol import Fill

if TYPE_CHECKING:
    from engine.loop import Engine

_KEYS = {"cash", "start_equity", "realised_today", "losing_streak", "positions", "working"}
_POSITION = {"symbol", "quantity", "entry", "stop_loss", "take_profit_1"}


class StateError(ValueError):
    """A start state nobody can start from."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A position, or an entry on its way; signed units, ticks, 0 for no stop or target."""

    symbol: str
    units: int
    entry: int
    stop: int
    target: int


@dataclass(frozen=True, slots=True)
class StartState:
    """Money in units."""

    cash: int
    start_equity: int
    losing_streak: int
    positions: tuple[Holding, ...]
    working: tuple[Holding, ...]

    def install(self, engine: Engine) -> None:
        """Put it into an engine that has not seen a bar."""
        books = engine.books
        for number, holding in enumerate(self.positions, start=1):
            self._hold(engine, holding, f"state-{number}")
        for number, holding in enumerate(self.working, start=1):
            order = self._order(engine, holding, f"state-working-{number}")
            order.happen(Event.ACCEPT)
        books.view.cash = self.cash
        books.view.start_equity = self.start_equity
        books.view.peak_equity = max(self.start_equity, books.view.equity)
        books.view.losing_streak = self.losing_streak
        working = [order for order in books.orders.values() if order.is_open]
        if isinstance(engine.venue, PaperVenue):
            engine.venue.restore(working, engine.positions(), self.cash)
        for trade in list(books.portfolio.open.values()):
            if trade.stop:
                engine.incoming.protect(trade)
        engine.begin()

    def _order(self, engine: Engine, holding: Holding, signal_id: str) -> Order:
        view = engine.books.view
        side = 1 if holding.units > 0 else -1
        intent = Intent(
            Leg.E,
            holding.symbol,
            side,
            abs(holding.units),
            OrderType.MARKET,
            holding.entry,
            holding.stop,
            holding.target,
            signal_id,
            "state",
            view.mode,
        )
        name = engine.accepted.environment.environment
        order = Order(client_order_id(view.mode, name, view.account, "state", signal_id, Leg.E, 1), intent)
        order.happen(Event.JOURNAL)
        order.happen(Event.SEND)
        engine.books.begin(order)
        return order

    def _hold(self, engine: Engine, holding: Holding, signal_id: str) -> None:
        books = engine.books
        order = self._order(engine, holding, signal_id)
        order.happen(Event.ACCEPT)
        line = books.view.lines[holding.symbol]
        line.mark = holding.entry
        fill = Fill(order.id, f"{order.id}-1", abs(holding.units), holding.entry, books.view.now)
        apply_fill(books, order, fill)
        books.counts.fills -= 1


def parse_state(text: str, instruments: Mapping[str, Instrument], start_cash: int) -> StartState:
    """The state in a JSON text; StateError says what is wrong."""
    try:
        document = json.loads(text, parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_once)
        return _state(document, instruments, start_cash)
    except (ValueError, TypeError, KeyError, RecursionError) as wrong:
        raise StateError(f"start state: {wrong}") from wrong


def _state(document: Any, instruments: Mapping[str, Instrument], start_cash: int) -> StartState:
    if not isinstance(document, dict) or not document.keys() <= _KEYS:
        raise ValueError(f"an object with the keys {', '.join(sorted(_KEYS))}")
    positions = tuple(_holding(entry, instruments) for entry in document.get("positions", []))
    working = tuple(_holding(entry, instruments) for entry in document.get("working", []))
    cost = sum(instruments[h.symbol].value(h.entry, h.units) for h in positions)
    realised = _money(document.get("realised_today", 0))
    start = document.get("start_equity")
    cash = document.get("cash")
    before = start_cash if start is None else _money(start)
    cash_units = before + realised - cost if cash is None else _money(cash)
    start_units = cash_units + cost - realised if start is None else _money(start)
    streak = document.get("losing_streak", 0)
    if not isinstance(streak, int) or isinstance(streak, bool) or streak < 0:
        raise ValueError("losing_streak is a whole number from 0")
    return StartState(cash_units, start_units, streak, positions, working)


def _holding(entry: Any, instruments: Mapping[str, Instrument]) -> Holding:
    if (
        not isinstance(entry, dict)
        or entry.keys() - _POSITION
        or not {"symbol", "quantity", "entry"} <= entry.keys()
    ):
        raise ValueError(f"a position has the keys {', '.join(sorted(_POSITION))}")
    symbol = entry["symbol"]
    if symbol not in instruments:
        raise ValueError(f"{str(symbol)[:40]!r} is not in instruments.yaml")
    instrument = instruments[symbol]

    def ticks(key: str) -> int:
        value = entry.get(key)
        return 0 if value is None else instrument.ticks(_decimal(value))

    units = _decimal(entry["quantity"])
    if units != units.to_integral_value() or not units:
        raise ValueError(f"quantity {units} is no whole number but 0")
    stop, target = ticks("stop_loss"), ticks("take_profit_1")
    if (stop == 0) != (target == 0):
        raise ValueError("stop_loss and take_profit_1 stand together, or are both null")
    return Holding(symbol, int(units), ticks("entry"), stop, target)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{value!r} is no decimal text")
    return parse(str(value))


def _money(value: Any) -> int:
    return to_units(_decimal(value))


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is a float; decimals are texts")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found
