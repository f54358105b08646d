"""From a signal to an entry: wait, be the best of its bar, get a quantity, and go to the gate.

Never enters twice in one bar time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from engine import sizing
from engine.books import Books
from engine.denials import DenialCode, Denied
from engine.execution.outgoing import Outgoing
from engine.market.bars import Bar
from engine.orders import Intent, Leg, OrderType
from engine.signals import Signal
from engine.waiting import Waiting


class Entries:
    """Waiting signals of one account and their way to the gate."""

    def __init__(self, books: Books, outgoing: Outgoing) -> None:
        self._books = books
        self._outgoing = outgoing
        self.waiting = Waiting()
        self.on_expire: Callable[[Signal, Denied], None] = lambda signal, denied: None
        self.before: Callable[[Signal], None] = lambda signal: None

    def expire(self, clock: int = 0) -> None:
        """Drop what waited too long by the time of the bars or, where it came ahead of them, by this clock."""
        now = self._books.view.now
        ahead = [s for s in self.waiting.expired(clock) if s.received_at > now]
        for signal in [*self.waiting.expired(now), *ahead]:
            self.waiting.drop(signal)
            denied = Denied(DenialCode.WAIT_EXPIRED, "expired while waiting", (DenialCode.WAIT_EXPIRED,))
            self._outgoing.note("deny", {"signal_id": signal.id, "symbol": signal.symbol, **_codes(denied)})
            self.on_expire(signal, denied)

    def choose(self, bars: Sequence[Bar]) -> bool:
        """Send the best ready signal to the gate; whether one went."""
        signal = self.waiting.best(bars, rests=self._books.view.limits.rests_at_venue)
        if signal is None:
            return False
        self.waiting.drop(signal)
        self.send(signal)
        return True

    def send(self, signal: Signal) -> None:
        """To the gate, with the quantity sizing leaves it."""
        self.before(signal)
        self._outgoing.send([self._intent(signal)])

    def _intent(self, signal: Signal) -> Intent:
        view = self._books.view
        line = view.lines.get(signal.symbol)
        is_resting, units = view.limits.rests_at_venue and signal.entry_type != "market", 0
        if line is not None:
            units = sizing.quantity(view, line, signal.entry, signal.stop_loss, _whole(signal.quantity))
        return Intent(
            Leg.E,
            signal.symbol,
            signal.side,
            units,
            OrderType(signal.entry_type) if is_resting else OrderType.MARKET,
            signal.entry,
            signal.stop_loss,
            signal.take_profit_1,
            signal.id,
            signal.strategy,
            signal.mode,
            received_at=signal.received_at,
            until=signal.expires_at if is_resting else 0,
        )


def _whole(quantity: Decimal | None) -> int | None:
    return None if quantity is None else int(quantity)


def _codes(denied: Denied) -> dict[str, object]:
    return {
        "code": denied.code.value,
        "codes": [code.value for code in denied.codes],
        "detail": denied.detail,
    }
