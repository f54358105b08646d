"""Obeying a kill, in this order: the latch is closed already; reserve, cancels, proof, journal (04-engine 8.9).

Never lets a slow or full disk delay the cancels.
"""

from __future__ import annotations

from threading import Thread

from engine.books import Books
from engine.execution.incoming import Incoming
from engine.execution.outgoing import Outgoing
from engine.journal.protocol import Journal
from engine.orders import Leg
from engine.protocols import Latch
from engine.trading_state import TradingState
from engine.venues.protocol import Venue

JOURNAL_WAIT = 0.05


def obey(
    latch: Latch, books: Books, outgoing: Outgoing, incoming: Incoming, journal: Journal, venue: Venue
) -> None:
    """Persist what can be persisted in 50 ms, cancel what could add to a position, and prove it by query."""
    view = books.view
    view.state = TradingState.KILLED
    books.alerts.append(f"KILLED: by {latch.cause}, epoch {latch.epoch}")
    body = _reserved(latch, books, journal)
    outgoing.cancel([o for orders in books.working.values() for o in orders if o.intent.leg is Leg.E])
    incoming.drain()
    left = [order.order_id for order in venue.open_orders() if _adds(books, order.order_id)]
    if left:
        books.alerts.append(f"entries still at the venue after the kill: {', '.join(left)}")
    outgoing.note("kill", {**body, "entries_left": left})
    outgoing.sync()


def remember(latch: Latch, books: Books, outgoing: Outgoing, journal: Journal) -> None:
    """While KILLED: the higher epoch that a release must name from now on."""
    outgoing.note("kill", {**_reserved(latch, books, journal), "entries_left": []})
    outgoing.sync()


def _reserved(latch: Latch, books: Books, journal: Journal) -> dict[str, object]:
    """Written into the reserve, waiting at most 50 ms."""
    body: dict[str, object] = {"epoch": latch.epoch, "cause": latch.cause}
    writer = Thread(target=journal.write_kill, args=(books.view.now, body), name="kill-reserve", daemon=True)
    writer.start()
    writer.join(JOURNAL_WAIT)
    return body


def _adds(books: Books, order_id: str) -> bool:
    order = books.orders.get(order_id)
    return order is None or order.intent.leg is Leg.E
