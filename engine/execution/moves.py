"""What a strategy says becomes a signal or an exit, and takes the same path as any other.

Never enters on a bracket that a signal from outside could not have.
"""

from __future__ import annotations

from decimal import Decimal

from engine.books import Books
from engine.clock import SECOND, stamp
from engine.execution.bracket import faults
from engine.execution.outgoing import Outgoing
from engine.intake.receiving import Receiving
from engine.orders import Intent, Leg, OrderType
from engine.portfolio import Trade
from engine.signals import Signal
from engine.strategies.protocol import Enter, Exit, Move

LIFETIME = 60 * SECOND
CERTAIN = Decimal(1)
_X, _MARKET = Leg.X, OrderType.MARKET


class Moves:
    """Follows one strategy."""

    def __init__(self, books: Books, outgoing: Outgoing, receiving: Receiving, strategy: str) -> None:
        self._books = books
        self._outgoing = outgoing
        self._receiving = receiving
        self._strategy = strategy

    def follow(self, moves: tuple[Move, ...]) -> None:
        """In the order said."""
        for move in moves:
            if isinstance(move, Exit):
                for trade in self._books.portfolio.of_symbol(move.symbol):
                    self.exit(trade)
            else:
                self._enter(move)

    def exit(self, trade: Trade, leg: Leg = _X, n: int = 1) -> None:
        """Close a trade at the next open, once; `n` numbers a repeated flatten."""
        if not trade.quantity or (leg is _X and self._books.live(trade.signal_id, leg)):
            return
        symbol, mode, name = trade.instrument.symbol, self._books.view.mode, trade.strategy
        intent = Intent(
            leg, symbol, -trade.side, trade.quantity, _MARKET, 0, 0, 0, trade.signal_id, name, mode, n
        )
        self._outgoing.send([intent])

    def _enter(self, move: Enter) -> None:
        view = self._books.view
        signal = self._signal(move)
        wrong = [fault.value for fault in faults(move.side, move.entry, move.stop, move.target, view.limits)]
        if wrong:
            self._outgoing.note("dlq", {"key": signal.id, "signal_id": signal.id, "codes": wrong})
        else:
            self._receiving.accept(signal)

    def _signal(self, move: Enter) -> Signal:
        view, now = self._books.view, self._books.view.now
        symbol, side, entry_type, entry, stop, target, quantity = move
        return Signal(
            1,
            f"{self._strategy}.{symbol}.{stamp(now)}",
            view.account,
            self._strategy,
            view.mode,
            symbol,
            side,
            entry_type,
            entry,
            stop,
            target,
            None,
            None if quantity is None else Decimal(quantity),
            CERTAIN,
            now,
            now + LIFETIME,
            now,
        )
