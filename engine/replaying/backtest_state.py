"""Where a replay starts when it does not start empty: cash, losses so far, positions, entries on their way.

Never judges the text it was read from; see state_text.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.accounting import apply_fill
from engine.orders import Event, Intent, Leg, Order, OrderType, client_order_id
from engine.venues.paper import PaperVenue
from engine.venues.protocol import Fill

if TYPE_CHECKING:
    from engine.loop import Engine


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
