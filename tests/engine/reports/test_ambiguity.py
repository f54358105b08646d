"""The band of what nobody can know, and the gate on it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from engine.money import to_units
from engine.reports.ambiguity import Band, band
from engine.reports.facts import ClosedTrade

Make = Callable[..., ClosedTrade]


def units(text: str) -> int:
    return to_units(Decimal(text))


def test_only_ambiguous_trades_are_priced_again(trade: Make) -> None:
    found = band(
        [
            trade("a", gross="-20", ambiguous=True, other_net="40"),
            trade("b", gross="30"),
            trade("c", gross="50", ambiguous=True, other_net="-10"),
        ]
    )
    assert found == Band(2, 3, units("60"), worst=units("0"), best=units("120"))
    assert found.width == units("120")
    assert found.percent == 200
    assert not found.passes


@pytest.mark.parametrize(
    ("other", "passes"),
    [("-10.00", True), ("-10.01", False), ("10.00", True), ("10.01", False)],
)
def test_a_tenth_of_the_profit_may_be_luck(trade: Make, other: str, passes: bool) -> None:
    certain = trade("a", gross="100" if other.startswith("-") else "-100")
    doubtful = trade("b", gross="0", ambiguous=True, other_net=other)
    assert band([certain, doubtful]).passes is passes


def test_no_profit_passes_only_without_doubt(trade: Make) -> None:
    assert band([]).passes
    assert band([]).percent is None
    assert band([trade(gross="0")]).passes
    assert not band([trade(gross="0", ambiguous=True, other_net="0.01")]).passes
