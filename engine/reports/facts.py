"""What a run left behind, in one shape for backtest, paper, shadow and live: the only input of every report.

Never computes: money is integer units of engine/money.py, prices are decimals, instants are microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from engine.market.bars import Bar


class ClosedTrade(NamedTuple):
    """One signal's entry and exits.

    other_net: for an ambiguous bar, what the trade had brought if its other level had come first.
    latency: from the signal's receipt to the order's sending, where both were noted.
    """

    signal_id: str
    strategy: str
    symbol: str
    side: int
    quantity: int
    entered_at: int
    entry: Decimal
    exited_at: int
    exit: Decimal
    reason: str
    gross: int
    slippage: int
    fees: int
    net: int
    value: int
    ambiguous: bool = False
    other_net: int | None = None
    unverified_jump: bool = False
    latency: int | None = None


class Denial(NamedTuple):
    """An order we did not send, or a signal we did not take: the first code, and all of them."""

    at: int
    signal_id: str
    symbol: str
    code: str
    codes: tuple[str, ...] = ()
    detail: str = ""


class EquityPoint(NamedTuple):
    """What the account was worth."""

    at: int
    equity: int


class Trip(NamedTuple):
    """A circuit breaker that tripped."""

    at: int
    breaker: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the engine, or the part of it that is reported.

    signals: id and instant of every signal that came in and was valid.  rejected: instants of those that were not.
    waiting: signals that wait for their moment.  held: signals whose entry was sent and is not closed.
    foreign: ids of orders that carry the mark of another mode: each is a leak.
    """

    environment: str
    mode: str
    currency: str
    commit: str = ""
    bundle_digest: str = ""
    journal_hash: str = ""
    start_equity: int = 0
    trades: tuple[ClosedTrade, ...] = ()
    denials: tuple[Denial, ...] = ()
    equity: tuple[EquityPoint, ...] = ()
    trips: tuple[Trip, ...] = ()
    signals: Mapping[str, int] = field(default_factory=dict)
    rejected: tuple[int, ...] = ()
    waiting: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    foreign: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    ticks: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def net(self) -> int:
        """Profit after fees."""
        return sum(trade.net for trade in self.trades)
