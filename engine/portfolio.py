"""Trades and cash from fills alone: profit is the sum of cash flows, never a price times an average.

Never looks at the market; marks belong to the view.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.instruments import Instrument


class Flow(NamedTuple):
    """One fill as money: `side` +1 bought; `cash` is signed and before the fee."""

    side: int
    quantity: int
    price: int
    cash: int
    fee: int
    slippage: int
    at: int


class Trade:
    """One signal's entry and exits, until the last unit is out."""

    __slots__ = (
        "alternative",
        "ambiguous",
        "closed_at",
        "entries",
        "exits",
        "instrument",
        "quantity",
        "reason",
        "side",
        "signal_id",
        "stop",
        "strategy",
        "target",
        "unverified_jump",
    )

    def __init__(
        self, signal_id: str, strategy: str, instrument: Instrument, side: int, stop: int, target: int
    ) -> None:
        self.signal_id = signal_id
        self.strategy = strategy
        self.instrument = instrument
        self.side = side
        self.stop = stop
        self.target = target
        self.quantity = 0
        self.entries: list[Flow] = []
        self.exits: list[Flow] = []
        self.reason = ""
        self.ambiguous = False
        self.alternative = 0
        self.unverified_jump = False
        self.closed_at = 0

    @property
    def gross(self) -> int:
        """Sum of the cash flows before fees."""
        return sum(flow.cash for flow in self.entries) + sum(flow.cash for flow in self.exits)

    @property
    def fees(self) -> int:
        """Fees of all its fills."""
        return sum(flow.fee for flow in self.entries) + sum(flow.fee for flow in self.exits)

    @property
    def slippage(self) -> int:
        """What slippage cost, already inside `gross`."""
        return sum(flow.slippage for flow in self.entries) + sum(flow.slippage for flow in self.exits)

    @property
    def net(self) -> int:
        """What the trade changed in cash."""
        return sum([flow.cash - flow.fee for flow in (*self.entries, *self.exits)])

    def add(self, flow: Flow) -> None:
        """Take one fill in; buying and selling move the same integer."""
        if flow.side == self.side:
            self.entries.append(flow)
            self.quantity += flow.quantity
        else:
            self.exits.append(flow)
            self.quantity -= flow.quantity
            self.closed_at = flow.at
        if self.quantity < 0:
            raise OverExitError(f"{self.signal_id}: {-self.quantity} more out than in")


class OverExitError(Exception):
    """More left a trade than had entered it: the engine halts."""


class Portfolio:
    """Open trades by signal, and a place for closed ones."""

    def __init__(self) -> None:
        self.open: dict[str, Trade] = {}
        self.closed: list[Trade] = []

    def of_symbol(self, symbol: str) -> list[Trade]:
        """Open trades of one symbol, oldest first."""
        return [trade for trade in self.open.values() if trade.instrument.symbol == symbol]

    def close(self, trade: Trade) -> None:
        """Move a trade whose last unit is out."""
        del self.open[trade.signal_id]
        self.closed.append(trade)
