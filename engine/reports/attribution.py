"""Where the difference between two runs comes from, signal by signal; the parts sum to the whole to the last unit.

Never leaves a rest: what prices at the common quantity do not explain is the quantity's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.money import half_up
from engine.reports.facts import ClosedTrade


class Attribution(NamedTuple):
    """One run less another, in units: what each cause contributed."""

    only_first: int = 0
    only_second: int = 0
    prices: int = 0
    slippage: int = 0
    quantity: int = 0
    fees: int = 0

    @property
    def total(self) -> int:
        """The whole difference."""
        return sum(self)


def attribute(first: ClosedTrade | None, second: ClosedTrade | None) -> Attribution:
    """The difference one signal makes."""
    if first is None or second is None:
        return Attribution(
            only_first=first.net if first is not None else 0,
            only_second=-second.net if second is not None else 0,
        )
    gross = first.gross - second.gross
    slippage = second.slippage - first.slippage
    at_common = gross if first.quantity == second.quantity else _at_common_quantity(first, second)
    return Attribution(
        prices=at_common - slippage,
        slippage=slippage,
        quantity=gross - at_common,
        fees=second.fees - first.fees,
    )


def add_up(parts: Iterable[Attribution]) -> Attribution:
    """Cause by cause."""
    rows = list(parts)
    return Attribution(*(sum(column) for column in zip(*rows, strict=True))) if rows else Attribution()


def _at_common_quantity(first: ClosedTrade, second: ClosedTrade) -> int:
    """The difference of gross had both traded the smaller quantity."""
    common = min(first.quantity, second.quantity)
    return half_up(first.gross * common, first.quantity) - half_up(second.gross * common, second.quantity)
