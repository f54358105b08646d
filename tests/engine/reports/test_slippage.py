"""Realised slippage stays below a tenth of a percent for equity, a fifth for everything else (seed 004)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from engine.reports.facts import ClosedTrade
from engine.reports.slippage import slippage

KINDS = {"SIM": "equity", "NIFTY": "index"}


@pytest.mark.parametrize(
    ("symbol", "cost", "passes"),
    [
        ("SIM", "0.99", True),
        ("SIM", "1.00", False),  # exactly 0.1 %
        ("NIFTY", "1.99", True),
        ("NIFTY", "2.00", False),
        ("SIM", "-5.00", True),  # better than asked for
    ],
)
def test_the_bound_itself_fails(
    trade: Callable[..., ClosedTrade], symbol: str, cost: str, passes: bool
) -> None:
    (row,) = slippage([trade(symbol=symbol, slippage=cost, value="1000")], KINDS)
    assert row.passes is passes


def test_each_traded_symbol_has_one_row(trade: Callable[..., ClosedTrade]) -> None:
    trades = [trade(slippage="0.5", value="1000"), trade(slippage="0.1", value="1000"), trade(symbol="NIFTY")]
    rows = slippage(trades, KINDS)
    assert [(row.symbol, row.kind, row.trades) for row in rows] == [
        ("NIFTY", "index", 1),
        ("SIM", "equity", 2),
    ]
    assert rows[1].percent == Decimal("0.0300")
    assert slippage([], KINDS) == ()
