"""Splits, crashes and wrong records are told apart; on made prices and on those of a real share."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models.catalogue import CorporateAction
from engine.market.corporate_actions import Actions, Jump, adjusted
from engine.money import NotExactError, Ratio

TENTH = Ratio(1, 10)


def action(day: str, ratio: str, symbol: str = "AAPL", kind: Any = "split") -> CorporateAction:
    return CorporateAction(symbol=symbol, day=day, kind=kind, ratio=Decimal(ratio))


SPLIT = Actions([action("2000-06-21", "2.0"), action("2005-02-28", "2.0")])


@pytest.mark.parametrize(
    ("close", "open_", "jump"),
    [
        (1000, 1100, Jump.NONE),  # exactly the limit
        (1000, 1101, Jump.UNVERIFIED),
        (1000, 900, Jump.NONE),
        (1000, 899, Jump.UNVERIFIED),
        (1000, 500, Jump.UNVERIFIED),
    ],
)
def test_without_a_record_only_the_size_counts(close: int, open_: int, jump: Jump) -> None:
    assert SPLIT.judge("AAPL", close, "2000-09-28", open_, "2000-09-29", TENTH).jump is jump


@pytest.mark.parametrize(
    ("open_", "jump"),
    [
        (500, Jump.EXPLAINED),
        (550, Jump.EXPLAINED),
        (551, Jump.UNVERIFIED),  # a jump beside the split
        (449, Jump.UNVERIFIED),
        (1000, Jump.UNVERIFIED),  # the recorded split did not happen
    ],
)
def test_a_recorded_split_explains_its_ratio_only(open_: int, jump: Jump) -> None:
    assert SPLIT.judge("AAPL", 1000, "2000-06-20", open_, "2000-06-21", TENTH) == (jump, Ratio(2, 1))


def test_a_record_counts_once_even_across_a_gap() -> None:
    assert SPLIT.ratio("AAPL", "2000-06-20", "2000-06-20") == Ratio(1, 1)
    assert SPLIT.ratio("AAPL", "2000-06-19", "2000-06-23") == Ratio(2, 1)
    assert SPLIT.ratio("AAPL", "2000-06-21", "2000-06-23") == Ratio(1, 1)
    assert SPLIT.ratio("AAPL", "1999-01-01", "2020-01-01") == Ratio(4, 1)
    assert SPLIT.ratio("IBM", "1999-01-01", "2020-01-01") == Ratio(1, 1)


def test_reverse_splits_and_odd_ratios_are_exact() -> None:
    odd = Actions([action("2020-01-02", "0.1"), action("2020-01-03", "1.003", kind="dividend")])
    assert odd.judge("AAPL", 100, "2020-01-01", 1000, "2020-01-02", TENTH).jump is Jump.EXPLAINED
    assert odd.judge("AAPL", 1003, "2020-01-02", 1000, "2020-01-03", Ratio(0, 1)).jump is Jump.EXPLAINED
    assert odd.judge("AAPL", 1003, "2020-01-02", 1001, "2020-01-03", Ratio(0, 1)).jump is Jump.UNVERIFIED


@pytest.mark.parametrize("ratio", ["0", "-2.0"])
def test_a_ratio_is_above_zero(ratio: str) -> None:
    with pytest.raises(NotExactError, match="above zero"):
        Actions([action("2000-06-21", ratio)])


@given(st.integers(1, 10**9), st.integers(1, 50), st.integers(1, 50))
def test_an_adjusted_price_is_the_nearest_tick(ticks: int, over: int, under: int) -> None:
    recorded = Ratio(over, under)
    after = adjusted(ticks, recorded)
    assert 2 * abs(after * over - ticks * under) <= over


def _shares(symbol: str) -> list[tuple[str, int, int]]:
    """Day, open and close in cents of a real share; the optional test extra holds them."""
    pytest.importorskip("bokeh_sampledata", reason="optional data: pip install interlock[data]")
    from bokeh_sampledata import stocks

    rows = getattr(stocks, symbol)

    def cents(price: Any) -> int:
        return int((Decimal(str(price)) * 100).to_integral_value())

    prices = zip(rows["date"], rows["open"], rows["close"], strict=True)
    return [(str(day), cents(open_), cents(close)) for day, open_, close in prices]


def _jumps(symbol: str, actions: Actions) -> dict[str, Jump]:
    rows = _shares(symbol)
    found = {}
    for (day, _, close), (next_day, open_, _) in pairwise(rows):
        verdict = actions.judge(symbol, close, day, open_, next_day, TENTH)
        if verdict.jump is not Jump.NONE:
            found[next_day] = verdict.jump
    return found


def test_the_two_splits_of_a_real_share_are_explained() -> None:
    found = _jumps("AAPL", SPLIT)
    assert [day for day, jump in found.items() if jump is Jump.EXPLAINED] == ["2000-06-21", "2005-02-28"]


def test_the_crash_of_the_same_share_stays_unverified() -> None:
    assert _jumps("AAPL", SPLIT)["2000-09-29"] is Jump.UNVERIFIED


def test_without_the_record_splits_look_like_crashes() -> None:
    found = _jumps("AAPL", Actions([]))
    assert {found[day] for day in ("2000-06-21", "2005-02-28", "2000-09-29")} == {Jump.UNVERIFIED}
