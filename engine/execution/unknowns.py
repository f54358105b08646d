"""Orders of unknown fate: asked for by id after 1, 2 and 4 seconds, and never taken for dead without proof.

Never sends anything; a lost entry is not sent again, because its signal is stale.
"""

from __future__ import annotations

from engine.books import Books
from engine.clock import SECOND
from engine.execution.incoming import Incoming
from engine.execution.outgoing import Outgoing
from engine.orders import Event, Order, OrderState
from engine.venues.protocol import Ended, Venue, VenueOrder

SPACING = (1 * SECOND, 2 * SECOND, 4 * SECOND)
_ENDED = (OrderState.CANCELED, OrderState.EXPIRED, OrderState.REJECTED)


class Unknowns:
    """Looks after UNKNOWN orders."""

    def __init__(self, books: Books, outgoing: Outgoing, incoming: Incoming, venue: Venue) -> None:
        self._books = books
        self._outgoing = outgoing
        self._incoming = incoming
        self._venue = venue
        self._asked: dict[str, tuple[int, int]] = {}

    def ask(self, now: int) -> None:
        """Ask for what is due; three times at most."""
        for order in self._open():
            times, last = self._asked.get(order.id, (0, now))
            self._asked[order.id] = (times, last)
            if times < len(SPACING) and now - last >= SPACING[times]:
                self._asked[order.id] = (times + 1, now)
                self.look_up(order)

    def look_up(self, order: Order) -> bool:
        """Ask once by id; whether the venue knows it."""
        found = self._venue.order(order.id)
        if found is None:
            return False
        self.adopt(order, found)
        return True

    def adopt(self, order: Order, found: VenueOrder) -> None:
        """The venue knows it: take its word and its fills."""
        if order.state is OrderState.UNKNOWN:
            self._books.find(order)
        order.happen(Event.ACCEPT)
        self._outgoing.note("ack", {"id": order.id, "adopted": True})
        fills = [fill for fill in self._venue.fills_since(0) if fill.order_id == order.id]
        self._incoming.apply(fills)
        if found.state in _ENDED:
            self._incoming.apply([Ended(order.id, found.state, "ended while unknown", self._books.view.now)])
        elif found.filled > order.filled:
            line = self._books.view.lines[order.intent.symbol]
            line.blocked = f"{order.id}: {found.filled - order.filled} filled without a report"

    def prove(self, why: str, symbols: frozenset[str] = frozenset()) -> list[str]:
        """The venue's session is over, or operators proved it, for these symbols or all: what was asked for three
        times is lost."""
        lost = []
        for order in self._open():
            times, _ = self._asked.get(order.id, (0, 0))
            is_meant = not symbols or order.intent.symbol in symbols
            if is_meant and times >= len(SPACING) and not self.look_up(order):
                self._incoming.apply(
                    [Ended(order.id, OrderState.REJECTED, f"lost: {why}", self._books.view.now)]
                )
                lost.append(order.id)
        return lost

    def count_as_asked(self, order: Order) -> None:
        """Recovery asked three times already."""
        self._asked[order.id] = (len(SPACING), self._books.view.now)

    def _open(self) -> list[Order]:
        return [order for order in self._books.orders.values() if order.state is OrderState.UNKNOWN]
