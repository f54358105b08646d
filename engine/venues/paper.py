"""The paper venue: matches approved orders against bars, stop first, at most a tenth of the volume.

Never fills better than the bar allows, and never anything the gate did not approve.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from engine.books import REMEMBERED
from engine.exits import STRICT, FillModel
from engine.gate import Approved
from engine.instruments import Instrument
from engine.market.bars import Bar
from engine.orders import Order, OrderState
from engine.venues.desk import Desk, Working
from engine.venues.protocol import (
    ACCEPTED,
    Answer,
    Answered,
    Ended,
    Fill,
    Happening,
    VenueAccount,
    VenueOrder,
)

_FILLED = OrderState.FILLED
_GONE = Answer(Answered.REJECTED, "not open")


class PaperVenue:
    """One account's orders, by symbol; its truth lives in the engine's journal."""

    is_authoritative = True

    def __init__(
        self,
        account_id: str,
        instruments: Mapping[str, Instrument],
        cash: int,
        model: FillModel = STRICT,
    ) -> None:
        self._account_id = account_id
        self._cash = cash
        self._desks = {symbol: Desk(entry, model) for symbol, entry in instruments.items()}
        self._open: dict[str, Working] = {}
        self._ended: dict[str, VenueOrder] = {}
        self._fills: deque[Fill] = deque(maxlen=REMEMBERED)
        self._positions: dict[str, int] = {}
        self._happened: list[Happening] = []
        self._now = 0
        self.submitted = 0
        self.keeps_history = True

    def account(self) -> VenueAccount:
        """Cash, and a fingerprint that says paper."""
        return VenueAccount(self._account_id, self._cash, f"paper|{self._account_id}")

    def positions(self) -> Mapping[str, int]:
        """Signed units by symbol, without zeros."""
        return {symbol: units for symbol, units in self._positions.items() if units}

    def open_orders(self) -> Sequence[VenueOrder]:
        """Orders that may still fill."""
        return [working.as_venue_order(OrderState.ACCEPTED) for working in self._open.values()]

    def order(self, order_id: str) -> VenueOrder | None:
        """One order by our id, ended ones included."""
        working = self._open.get(order_id)
        return working.as_venue_order(OrderState.ACCEPTED) if working else self._ended.get(order_id)

    def fills_since(self, at: int) -> Sequence[Fill]:
        """Fills from an instant on."""
        return [fill for fill in self._fills if fill.at >= at]

    def submit(self, order: Approved) -> Answer:
        """Take an order; an id is used once."""
        if order.order_id in self._open or order.order_id in self._ended:
            return Answer(Answered.DUPLICATE, "client order id was used")
        self.submitted += 1
        self._place(Working(order.order_id, order.intent))
        return ACCEPTED

    def cancel(self, order_id: str) -> Answer:
        """Take an order out."""
        working = self._open.get(order_id)
        if working is None:
            return _GONE
        self._end(working, OrderState.CANCELED)
        self._desks[working.intent.symbol].remove(working)
        self._happened.append(Ended(order_id, OrderState.CANCELED, "canceled", self._now))
        return ACCEPTED

    def drain(self) -> Sequence[Happening]:
        """Ends of canceled orders."""
        happened, self._happened = self._happened, []
        return happened

    def restore(self, orders: Iterable[Order], positions: Mapping[str, int], cash: int) -> None:
        """After a restart: what the journal proves was accepted stands here again; nothing new is taken."""
        self._positions = dict(positions)
        self._cash = cash
        for order in orders:
            self._place(Working(order.id, order.intent, order.filled))

    def take_split(self, symbol: str, units: int) -> None:
        """The position changes by signed units."""
        self._positions[symbol] = self._positions.get(symbol, 0) + units

    def is_quiet(self, bar: Bar) -> bool:
        """Whether nothing here can happen in this bar."""
        desk = self._desks[bar.symbol]
        return not desk.is_due and bar.low > desk.lower and bar.high < desk.upper

    def at_open(self, bar: Bar) -> Sequence[Happening]:
        """Exits due, gaps, then entries, all at the open."""
        desk = self._desks[bar.symbol]
        self._now = bar.at
        return self._book(desk, desk.at_open(bar))

    def inside(self, bar: Bar) -> Sequence[Happening]:
        """Stops and targets the bar reached."""
        desk = self._desks[bar.symbol]
        return self._book(desk, desk.inside(bar))

    def _place(self, working: Working) -> None:
        self._open[working.order_id] = working
        self._desks[working.intent.symbol].add(working)

    def _book(self, desk: Desk, happenings: list[Happening]) -> list[Happening]:
        for happening in happenings:
            working = self._open[happening.order_id]
            if isinstance(happening, Ended):
                self._end(working, happening.state)
                continue
            symbol, side = working.intent.symbol, working.intent.side
            value = desk.instrument.value(happening.price, happening.quantity)
            self._cash -= side * value + desk.instrument.fee(value)
            self._positions[symbol] = self._positions.get(symbol, 0) + side * happening.quantity
            if self.keeps_history:
                self._fills.append(happening)
            if not working.left:
                self._end(working, _FILLED)
        return happenings

    def _end(self, working: Working, state: OrderState) -> None:
        del self._open[working.order_id]
        if self.keeps_history:
            self._ended[working.order_id] = working.as_venue_order(state)
            if len(self._ended) > REMEMBERED:
                del self._ended[next(iter(self._ended))]
