"""Money: exact at the edges, integers inside, and no float gets in."""

from __future__ import annotations

from decimal import Decimal, FloatOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import money


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "1e400", "1E5", " 1", "1.", ".5", "", "-", "1_000", "9" * 400, "٣"]
)
def test_whatever_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(money.NotExactError):
        money.parse(text)


def test_a_float_is_an_error_in_the_money_context() -> None:
    with pytest.raises(FloatOperation):
        money.CONTEXT.create_decimal(0.1)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=8))
def test_units_and_decimals_are_the_same_number(amount: Decimal) -> None:
    assert money.to_decimal(money.to_units(amount)) == amount


def test_what_is_finer_than_a_unit_is_refused() -> None:
    with pytest.raises(money.NotExactError):
        money.to_units(Decimal("0.000000001"))


@pytest.mark.parametrize(
    ("over", "under", "wanted"), [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (1, 2, 1), (0, 7, 0)]
)
def test_half_goes_away_from_zero(over: int, under: int, wanted: int) -> None:
    assert money.half_up(over, under) == wanted


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**10))
def test_ceiling_is_the_smallest_not_below(over: int, under: int) -> None:
    assert (money.ceil_div(over, under) - 1) * under < over <= money.ceil_div(over, under) * under


def test_text_shows_at_least_two_decimals() -> None:
    shown = [money.text(money.to_units(Decimal(t))) for t in ("0", "-1148.29", "1000", "0.12345678", "-0.5")]
    assert shown == ["0.00", "-1148.29", "1000.00", "0.12345678", "-0.50"]


def test_a_yen_has_no_cents() -> None:
    assert (money.minor_unit("JPY"), money.minor_unit("USD")) == (10**8, 10**6)
