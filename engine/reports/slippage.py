"""What slippage really cost, symbol by symbol, against the bounds of seed 004: below 0.1 % for equity, 0.2 % else.

Never counts a symbol that was not traded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from engine.reports.facts import ClosedTrade
from engine.reports.summary import percent

EQUITY_PER_MILLE = 1
OTHER_PER_MILLE = 2
_STEP = Decimal("0.0001")


class SymbolSlippage(NamedTuple):
    """Slippage of one symbol's fills as a share of their value."""

    symbol: str
    kind: str
    trades: int
    value: int
    slippage: int
    per_mille: int

    @property
    def percent(self) -> Decimal | None:
        """The share in hundredths, four places."""
        return percent(self.slippage, self.value, _STEP)

    @property
    def passes(self) -> bool:
        """Whether it stays below its bound."""
        return 1000 * self.slippage < self.per_mille * self.value


def slippage(trades: Sequence[ClosedTrade], kinds: Mapping[str, str]) -> tuple[SymbolSlippage, ...]:
    """One row for each symbol that was traded; `kinds` says what each one is."""
    by_symbol: dict[str, list[ClosedTrade]] = {}
    for trade in trades:
        by_symbol.setdefault(trade.symbol, []).append(trade)
    return tuple(_row(symbol, kinds[symbol], own) for symbol, own in sorted(by_symbol.items()))


def _row(symbol: str, kind: str, trades: Sequence[ClosedTrade]) -> SymbolSlippage:
    return SymbolSlippage(
        symbol=symbol,
        kind=kind,
        trades=len(trades),
        value=sum(trade.value for trade in trades),
        slippage=sum(trade.slippage for trade in trades),
        per_mille=EQUITY_PER_MILLE if kind == "equity" else OTHER_PER_MILLE,
    )
