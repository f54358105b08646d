"""How much of the profit hangs on the order of prices inside a bar, which nobody can know.

Never judges a trade whose bar left no doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from engine.reports.facts import ClosedTrade

WIDEST_PERCENT = 10


class Band(NamedTuple):
    """The profit as booked, and what it had been at worst and at best in the bars that were ambiguous."""

    ambiguous: int
    trades: int
    net: int
    worst: int
    best: int

    @property
    def width(self) -> int:
        """From worst to best."""
        return self.best - self.worst

    @property
    def percent(self) -> Decimal | None:
        """Width as a share of the profit; None where there is no profit to compare with."""
        return Decimal(100 * self.width) / abs(self.net) if self.net else None

    @property
    def passes(self) -> bool:
        """At most a tenth of the profit may be a matter of luck; no profit passes only without any doubt."""
        return 100 * self.width <= WIDEST_PERCENT * abs(self.net)


def band(trades: Sequence[ClosedTrade]) -> Band:
    """Price only the ambiguous trades again."""
    net = sum(trade.net for trade in trades)
    doubtful = [(trade.net, trade.other_net) for trade in trades if trade.other_net is not None]
    worst = net + sum(min(booked, other) - booked for booked, other in doubtful)
    best = net + sum(max(booked, other) - booked for booked, other in doubtful)
    return Band(sum(trade.ambiguous for trade in trades), len(trades), net, worst, best)
