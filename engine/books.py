"""What the engine remembers between two bars: the view, the trades, its orders, and what it has counted.

Never talks to a venue or a disk.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from engine.clock import SECOND
from engine.orders import Intent, Leg, Order
from engine.portfolio import Portfolio
from engine.view import View

_E, _SL, _TP, _F = Leg.E, Leg.SL, Leg.TP, Leg.F


@dataclass(slots=True)
class Counts:
    """What happened since the start."""

    bars: int = 0
    approved: int = 0
    denied: int = 0
    sent: int = 0
    withheld: int = 0
    fills: int = 0
    late: int = 0


REMEMBERED = 8192
"""Ended orders kept for late reports; older ones stand in the journal."""


class Books:
    """One account's memory."""

    __slots__ = ("_ended", "alerts", "brackets", "counts", "orders", "portfolio", "view", "working")

    def __init__(self, view: View) -> None:
        self.view = view
        self.portfolio = Portfolio()
        self.orders: dict[str, Order] = {}
        self.working: dict[str, list[Order]] = {}
        self.brackets: dict[str, int] = {}
        self._ended: deque[str] = deque()
        self.counts = Counts()
        self.alerts: list[str] = []

    def begin(self, order: Order) -> None:
        """An order is about to leave: it counts from now on."""
        intent = order.intent
        self.orders[order.id] = order
        self.working.setdefault(intent.signal_id, []).append(order)
        line = self.view.lines[intent.symbol]
        if intent.leg is _E:
            line.pending += intent.side * order.left
        elif (left := order.left) > line.covered.get(intent.signal_id, 0):
            line.covered[intent.signal_id] = left

    def count_sent(self, intent: Intent) -> None:
        """What rate, fan-out and duplicate controls look at: orders entered, not fills."""
        view, signal_id, leg = self.view, intent.signal_id, intent.leg
        count, entered = view.fanout.get(signal_id, (0, 0))
        if leg is not _E:
            view.fanout[signal_id] = (count + 1, entered)
            if leg is _SL or leg is _TP:
                self.brackets[signal_id] = max(self.brackets.get(signal_id, 0), intent.n)
            return
        view.fanout[signal_id] = (count + 1, entered + intent.quantity)
        view.seen.add(signal_id)
        view.recent[(intent.symbol, intent.side)] = intent.received_at or view.now
        while view.sent and view.sent[0] <= view.now - SECOND:
            view.sent.popleft()
        view.sent.append(view.now)
        view.sent_in_session += 1

    def end(self, order: Order) -> None:
        """An order can no longer fill: it counts no more."""
        intent = order.intent
        signal_id = intent.signal_id
        orders = self.working.get(signal_id)
        if orders is None or order not in orders:
            return
        orders.remove(order)
        line = self.view.lines[intent.symbol]
        if intent.leg is _E:
            line.pending -= intent.side * order.left
        elif orders:
            line.covered[signal_id] = max([o.left for o in orders if o.intent.leg is not _E], default=0)
        if not orders:
            del self.working[signal_id]
            line.covered.pop(signal_id, None)
            self._forget(signal_id)
        self._ended.append(order.id)
        if len(self._ended) > REMEMBERED:
            self.orders.pop(self._ended.popleft(), None)

    def _forget(self, signal_id: str) -> None:
        """Counters of a signal whose trade is over; its id itself is never forgotten."""
        if signal_id not in self.portfolio.open:
            self.view.fanout.pop(signal_id, None)

    def lose(self, order: Order) -> None:
        """Nobody knows what became of it: its whole rest counts in both directions."""
        line = self.view.lines[order.intent.symbol]
        line.unknown += order.left
        if order.intent.leg is _E:
            line.pending -= order.intent.side * order.left

    def find(self, order: Order) -> None:
        """The venue proved what became of a lost order."""
        line = self.view.lines[order.intent.symbol]
        line.unknown -= order.left
        if order.intent.leg is _E:
            line.pending += order.intent.side * order.left

    def flattens(self, signal_id: str) -> int:
        """How many flatten orders this trade has had."""
        return sum(o.intent.leg is _F and o.intent.signal_id == signal_id for o in self.orders.values())

    def carry(self, symbol: str, units: int) -> None:
        """Change a position by signed units; its value follows at the last price."""
        line = self.view.lines[symbol]
        line.quantity += units
        value = line.instrument.value(line.mark, line.quantity)
        self.view.total_value += value - line.value
        line.value = value

    def live(self, signal_id: str, *legs: Leg) -> list[Order]:
        """Working orders of one signal and some legs."""
        return [order for order in self.working.get(signal_id, ()) if order.intent.leg in legs]
