"""Instruments: ticks, lots, fees and slippage, each rounded the way its name says."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.instruments import Instrument, OffTickError, instrument
from engine.money import to_units


@pytest.fixture
def build(make_instrument: Callable[..., Any]) -> Callable[..., Instrument]:
    return lambda **facts: instrument("ACME", make_instrument(**facts))


def test_a_price_between_ticks_is_refused(build: Callable[..., Instrument]) -> None:
    assert build(tick="0.05").ticks(Decimal("4120.05")) == 82401
    with pytest.raises(OffTickError):
        build(tick="0.05").ticks(Decimal("4120.02"))


def test_rounding_names_its_direction(build: Callable[..., Instrument]) -> None:
    acme = build(tick="0.05")
    assert (acme.floor_ticks(Decimal("4120.02")), acme.ceil_ticks(Decimal("4120.02"))) == (82400, 82401)
    assert acme.floor_ticks(Decimal("16.90")) * 5 == 1690  # py-clob-client 68 made 1689 of it


def test_lots_are_floored(build: Callable[..., Instrument]) -> None:
    assert [build(lot=50).floor_lot(units) for units in (49, 50, 149)] == [0, 50, 100]


@pytest.mark.parametrize(("price", "fee"), [("4120.00", "61.80"), ("4099.50", "61.49")])
def test_fees_round_half_up_to_the_cent(build: Callable[..., Instrument], price: str, fee: str) -> None:
    acme = build(tick="0.05", fee="0.03")
    assert acme.fee(acme.value(acme.ticks(Decimal(price)), 50)) == to_units(Decimal(fee))


def test_a_fee_has_a_minimum(build: Callable[..., Instrument]) -> None:
    assert build(fee="0.03", fee_minimum="1.0").fee(to_units(10)) == to_units(1)


def test_fees_of_a_currency_without_cents(build: Callable[..., Instrument]) -> None:
    assert build(currency="JPY", tick="1.0", fee="0.03").fee(to_units(5000)) == to_units(2)


def test_multiplier_is_part_of_the_value(build: Callable[..., Instrument]) -> None:
    assert build(tick="0.25", multiplier=50).value(4, 3) == to_units(150)


@pytest.mark.parametrize("ticks", [0, 1, 20])
@pytest.mark.parametrize("points", ["0.0", "0.1", "2.0", "333.3"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(price=st.integers(1, 10**9))
def test_slippage_is_never_below_either_assumption(
    price: int, build: Callable[..., Instrument], ticks: int, points: str
) -> None:
    adverse = build(slip_ticks=ticks, slip_bps=points).adverse(price)
    assert adverse >= ticks
    assert adverse * 10_000 >= price * Decimal(points)


def test_a_tick_of_zero_is_refused(build: Callable[..., Instrument]) -> None:
    with pytest.raises(ValueError, match="above zero"):
        build(tick="0.0")
