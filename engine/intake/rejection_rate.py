"""How many of the signals of the last minutes were refused; more than the bound is worth waking somebody.

Never forgets a signal before its time, never remembers it after.
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal

from engine.clock import SECOND

WINDOW = 300 * SECOND
BOUND_PERCENT = Decimal("5")


class RejectionRate:
    """A sliding window over arrivals."""

    def __init__(self, window: int = WINDOW, bound_percent: Decimal = BOUND_PERCENT) -> None:
        self._window = window
        self._bound = bound_percent
        self._arrivals: deque[tuple[int, bool]] = deque()
        self._rejected = 0

    def observe(self, at: int, *, rejected: bool) -> None:
        """One signal arrived."""
        self._arrivals.append((at, rejected))
        self._rejected += rejected
        self._forget(at)

    def percent(self, at: int) -> Decimal:
        """Share of refused signals; nothing arrived is no refusal."""
        self._forget(at)
        return Decimal(100 * self._rejected) / max(1, len(self._arrivals))

    def alerts(self, at: int) -> bool:
        """Whether the share is above the bound."""
        return self.percent(at) > self._bound

    def _forget(self, at: int) -> None:
        while self._arrivals and self._arrivals[0][0] <= at - self._window:
            self._rejected -= self._arrivals.popleft()[1]
