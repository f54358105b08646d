"""Flatten: close everything and prove it, as often as it takes; run again it does what is left.

Never sends a second exit beside one of unknown fate, and never says flat before the venue said so three times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.clock import SECOND
from engine.orders import EXITS, Leg, Order, OrderState
from engine.portfolio import Trade

if TYPE_CHECKING:
    from engine.loop import Engine

PROOFS = 3
CANCEL_WAIT = 10 * SECOND
FIRST_PAUSE = 1 * SECOND
LONGEST_PAUSE = 30 * SECOND


class Flattened(NamedTuple):
    """How far it came: what the venue still holds, and what stands in the way.

    `blocked`: symbols with an exit of unknown fate.  `unknown`: every order of unknown fate.  `working`: orders the
    venue has not ended yet.
    """

    is_flat: bool
    residue: dict[str, int]
    blocked: tuple[str, ...]
    unknown: tuple[str, ...]
    working: tuple[str, ...]
    proofs: int


class Flattening:
    """One flatten, asked for by an operator; call `step` between bars until it is done."""

    def __init__(self, engine: Engine, *, confirmed: str = "", symbols: frozenset[str] = frozenset()) -> None:
        """confirmed: who declared unknown orders dead, two people; empty: nobody.  symbols: of these alone, or all."""
        self._engine = engine
        self._confirmed = confirmed
        self._symbols = symbols
        self._proofs = 0
        self._asked_at: dict[str, int] = {}
        self._tried: dict[str, tuple[int, int]] = {}

    def step(self) -> Flattened:
        """Cancel what works, close what is open, ask the venue; safe to call at any time."""
        engine = self._engine
        engine.incoming.drain()
        engine.incoming.catch_up()
        if self._confirmed:
            engine.unknowns.prove(self._confirmed, self._symbols)
        blocked = self._blocked()
        self._withdraw(blocked)
        for trade in list(engine.books.portfolio.open.values()):
            self._close(trade, blocked)
        if engine.outgoing.is_noted:
            engine.outgoing.sync()
        return self._seen(blocked)

    def _seen(self, blocked: set[str]) -> Flattened:
        """What the venue says now; flat is what it said three times in a row."""
        engine = self._engine
        residue = {symbol: units for symbol, units in engine.venue.positions().items() if units}
        working = tuple(sorted(order.order_id for order in engine.venue.open_orders()))
        unknown = tuple(sorted(order.id for order in self._unknown()))
        is_proof = not (residue or working or unknown or engine.positions())
        self._proofs = self._proofs + 1 if is_proof else 0
        is_flat = self._proofs >= PROOFS
        return Flattened(is_flat, residue, tuple(sorted(blocked)), unknown, working, self._proofs)

    def _unknown(self) -> list[Order]:
        return [order for order in self._engine.books.orders.values() if order.state is OrderState.UNKNOWN]

    def _blocked(self) -> set[str]:
        """Symbols with an exit of unknown fate: a second one could turn the position."""
        return {order.intent.symbol for order in self._unknown() if order.intent.leg is not Leg.E}

    def _withdraw(self, blocked: set[str]) -> None:
        """Entries and brackets go, asked once more after ten seconds; an F that works already stays."""
        now, due = self._engine.time(), list[Order]()
        for orders in self._engine.books.working.values():
            for order in orders:
                if order.intent.leg is Leg.F or order.state is OrderState.UNKNOWN:
                    continue
                if order.intent.leg is not Leg.E and order.intent.symbol in blocked:
                    continue
                asked = self._asked_at.setdefault(order.id, now if order.is_asked else -CANCEL_WAIT)
                if now - asked >= CANCEL_WAIT:
                    self._asked_at[order.id] = now
                    due.append(order)
        self._engine.outgoing.cancel(due)
        self._engine.incoming.drain()

    def _close(self, trade: Trade, blocked: set[str]) -> None:
        """One exit of the whole rest, where none works; one that was refused is tried again, ever more slowly."""
        books, signal_id, now = self._engine.books, trade.signal_id, self._engine.time()
        if not trade.quantity or trade.instrument.symbol in blocked:
            return
        if any(order.state is not OrderState.UNKNOWN for order in books.live(signal_id, *EXITS)):
            return
        times, again_at = self._tried.get(signal_id, (0, 0))
        if now < again_at:
            return
        pause = min(FIRST_PAUSE << times, LONGEST_PAUSE)
        self._tried[signal_id] = (min(times + 1, 10), now + pause)
        self._engine.exit(trade, Leg.F, n=books.flattens(signal_id) + 1)
