"""The way in: what the venue says becomes fills, trades, brackets and ends of orders.

Never drops a late or doubled message silently, and never leaves a position without its stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.accounting import apply_fill
from engine.books import Books
from engine.clock import DAY
from engine.execution.outgoing import Outgoing
from engine.journal.records import ended_text, fill_text
from engine.orders import Event, IllegalTransitionError, Intent, Leg, Order, OrderState, OrderType
from engine.portfolio import OverExitError, Trade
from engine.venues.protocol import Ended, Fill, Happening, Venue

_ENDS = {
    OrderState.CANCELED: Event.CANCEL,
    OrderState.EXPIRED: Event.EXPIRE,
    OrderState.REJECTED: Event.REJECT,
}


_E, _SL, _TP = Leg.E, Leg.SL, Leg.TP
_STOP, _LIMIT, _UNKNOWN = OrderType.STOP, OrderType.LIMIT, OrderState.UNKNOWN


class Incoming:
    """Applies what happened at the venue."""

    def __init__(self, books: Books, outgoing: Outgoing, venue: Venue) -> None:
        self._books = books
        self._outgoing = outgoing
        self._venue = venue
        self.on_close: Callable[[Trade], None] = lambda trade: None
        self.on_end: Callable[[Order, Ended], None] = lambda order, ended: None

    def drain(self) -> None:
        """Apply what the venue has to say outside bars."""
        self.apply(self._venue.drain())

    def catch_up(self) -> list[Fill]:
        """Fills of the last day that no report told of: applied now."""
        missed = [
            fill
            for fill in self._venue.fills_since(self._books.view.now - DAY)
            if (order := self._books.orders.get(fill.order_id)) is not None
            and fill.execution_id not in order.executions
        ]
        self.apply(missed)
        return missed

    def apply(self, happenings: Iterable[Happening]) -> None:
        """Apply in order; what cannot be is no reason to lose the rest."""
        for happening in happenings:
            order = self._books.orders.get(happening.order_id)
            if order is None:
                self._outgoing.halt(
                    f"the venue tells of order {happening.order_id}, the journal does not know it"
                )
                continue
            try:
                if isinstance(happening, Fill):
                    self._fill(order, happening)
                else:
                    self._end(order, happening)
            except (IllegalTransitionError, OverExitError) as impossible:
                self._outgoing.halt(str(impossible))

    def _fill(self, order: Order, fill: Fill) -> None:
        if fill.execution_id in order.executions:
            return
        books, late = self._books, order.late
        trade, fee = apply_fill(books, order, fill)
        self._outgoing.note("fill", fill_text(fill, trade.instrument, fee))
        if order.late > late:
            books.counts.late += 1
            books.alerts.append(f"late fill of {order.id}")
        if order.intent.leg is _E:
            self.protect(trade)
        elif not trade.quantity:
            self._close(trade)

    def protect(self, trade: Trade) -> None:
        """Put stop and target of the whole open quantity at the venue, in place of smaller ones."""
        books = self._books
        old = books.live(trade.signal_id, _SL, _TP)
        if any(order.intent.leg is _SL and order.left == trade.quantity for order in old):
            return
        if old:
            self._outgoing.cancel(old)
            self.drain()
        mode, symbol, exit_side = books.view.mode, trade.instrument.symbol, -trade.side
        leg_types = ((_SL, _STOP, trade.stop), (_TP, _LIMIT, trade.target))
        units, signal_id, n = trade.quantity, trade.signal_id, books.brackets.get(trade.signal_id, 0) + 1
        self._outgoing.send(
            [
                Intent(leg, symbol, exit_side, units, kind, price, 0, 0, signal_id, trade.strategy, mode, n)
                for leg, kind, price in leg_types
            ]
        )

    def _close(self, trade: Trade) -> None:
        books = self._books
        books.portfolio.close(trade)
        rest = books.live(trade.signal_id, _E)
        if rest:
            self._outgoing.cancel(rest)
            self.drain()
        self.on_close(trade)

    def _end(self, order: Order, ended: Ended) -> None:
        books, intent = self._books, order.intent
        if order.state is _UNKNOWN:
            books.find(order)
        order.happen(_ENDS[ended.state])
        books.end(order)
        self._outgoing.note("cancel", ended_text(order.id, order.state, ended.reason))
        self.on_end(order, ended)
        trade = books.portfolio.open.get(intent.signal_id)
        if intent.leg is _SL and trade is not None and trade.quantity and not order.is_asked:
            books.alerts.append(f"the venue ended the stop of {intent.signal_id}: placing it again")
            self.protect(trade)
