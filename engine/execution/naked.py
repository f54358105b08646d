"""Positions whose stop the venue refused: it is placed again, ever more slowly, in every state.

Never beside an exit that works already or whose fate is unknown.
"""

from __future__ import annotations

from engine.books import Books
from engine.clock import SECOND
from engine.execution.incoming import Incoming
from engine.orders import EXITS, Leg, OrderState
from engine.portfolio import Trade

FIRST_PAUSE = 1 * SECOND
LONGEST_PAUSE = 30 * SECOND


class Naked:
    """Tries again after 1, 2, 4 and at most 30 seconds."""

    def __init__(self, books: Books, incoming: Incoming) -> None:
        self._books = books
        self._incoming = incoming
        self._tries: dict[str, tuple[int, int]] = {}

    def look(self, signals: set[str], now: int) -> None:
        """Protect what can be protected now; who has a stop, or nothing left to protect, is naked no more."""
        for signal_id in tuple(signals):
            trade = self._books.portfolio.open.get(signal_id)
            if trade is None or not trade.quantity or self._books.live(signal_id, Leg.SL):
                signals.discard(signal_id)
                self._tries.pop(signal_id, None)
            elif not self._is_leaving(signal_id):
                self._try(trade, now)

    def _is_leaving(self, signal_id: str) -> bool:
        exits = self._books.live(signal_id, *EXITS)
        return any(order.intent.leg is not Leg.TP or order.state is OrderState.UNKNOWN for order in exits)

    def _try(self, trade: Trade, now: int) -> None:
        times, due = self._tries.setdefault(trade.signal_id, (0, now + FIRST_PAUSE))
        if now >= due:
            pause = min(FIRST_PAUSE << (times + 1), LONGEST_PAUSE)
            self._tries[trade.signal_id] = (min(times + 1, 10), now + pause)
            self._incoming.protect(trade)
