"""Flatten: close everything and prove it, as often as it takes; run again it does what is left.

Never sends a second exit beside one of unknown fate, and never says flat before the venue said so three times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.orders import Leg, Order, OrderState

if TYPE_CHECKING:
    from engine.loop import Engine

PROOFS = 3
EXITS = (Leg.SL, Leg.TP, Leg.X, Leg.F)


class Flattened(NamedTuple):
    """How far it came: what the venue still holds, and what stands in the way."""

    is_flat: bool
    residue: dict[str, int]
    blocked: tuple[str, ...]
    proofs: int


class Flattening:
    """One flatten, asked for by an operator; call `step` between bars until it is done."""

    def __init__(self, engine: Engine, *, confirmed: frozenset[str] = frozenset()) -> None:
        """confirmed: symbols whose unknown exits two people declared dead."""
        self._engine = engine
        self._confirmed = confirmed
        self._proofs = 0

    def step(self) -> Flattened:
        """Cancel what works, close what is open, ask the venue; safe to call at any time."""
        engine = self._engine
        engine.incoming.drain()
        blocked = self._blocked()
        self._withdraw(blocked)
        for trade in list(engine.books.portfolio.open.values()):
            symbol = trade.instrument.symbol
            known = [
                o for o in engine.books.live(trade.signal_id, *EXITS) if o.state is not OrderState.UNKNOWN
            ]
            if trade.quantity and symbol not in blocked and not known:
                engine.exit(trade, Leg.F, n=engine.books.flattens(trade.signal_id) + 1)
        residue = {symbol: units for symbol, units in engine.venue.positions().items() if units}
        is_proof = not residue and not blocked and not engine.venue.open_orders()
        self._proofs = self._proofs + 1 if is_proof else 0
        return Flattened(self._proofs >= PROOFS, residue, tuple(sorted(blocked)), self._proofs)

    def _blocked(self) -> set[str]:
        """Symbols with an exit of unknown fate: a second one could turn the position."""
        unknown = [order for order in self._engine.books.orders.values() if order.state is OrderState.UNKNOWN]
        exits = {order.intent.symbol for order in unknown if order.intent.leg is not Leg.E}
        return exits - self._confirmed

    def _withdraw(self, blocked: set[str]) -> None:
        """Entries and brackets go; an F that works already stays."""
        working: list[Order] = []
        for orders in self._engine.books.working.values():
            for order in orders:
                if (
                    order.intent.leg is not Leg.F
                    and order.state is not OrderState.UNKNOWN
                    and not order.is_asked
                ):
                    working.append(order)
        self._engine.outgoing.cancel([order for order in working if order.intent.symbol not in blocked])
        self._engine.incoming.drain()
