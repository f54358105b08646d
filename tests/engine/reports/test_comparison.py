"""Paper against live: four gates, every row explained, a difference that sums to the last unit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.money import text, to_units
from engine.reports.attribution import Attribution, attribute
from engine.reports.comparison import Comparison, compare
from engine.reports.facts import ClosedTrade, Denial, Run, Trip

Make = Callable[..., ClosedTrade]
MakeRun = Callable[..., Run]


def verdicts(found: Comparison) -> dict[str, bool]:
    return {gate.name: gate.passes for gate in found.gates}


@pytest.mark.parametrize(
    ("paper", "live", "passes"),
    [
        ("16500.00", "15000.00", True),  # exactly 10 %: the seed's own report
        ("16500.01", "15000.00", False),
        ("13500.00", "15000.00", True),
        ("13499.99", "15000.00", False),
        ("-16500.00", "-15000.00", True),
        ("-16500.01", "-15000.00", False),
        ("0.00", "0.00", False),
        ("1.00", "0.00", False),
    ],
)
def test_profit_may_differ_by_a_tenth_of_live(
    trade: Make, run: MakeRun, paper: str, live: str, passes: bool
) -> None:
    found = compare(run(trade(gross=paper)), run(trade(gross=live), mode="live"))
    assert verdicts(found)["profit"] is passes


@pytest.mark.parametrize(("alike", "passes"), [(19, True), (18, False)])
def test_nineteen_of_twenty_decisions_agree(trade: Make, run: MakeRun, alike: int, passes: bool) -> None:
    trades = [trade(f"s{number}") for number in range(20)]
    denials = tuple(Denial(0, f"s{number}", "SIM", "RATE") for number in range(alike, 20))
    found = compare(run(*trades), run(*trades[:alike], denials=denials))
    assert verdicts(found)["decisions"] is passes
    assert found.rows[-1].second == "RATE"
    assert verdicts(found)["explained"]


def test_both_denying_is_agreement_whatever_the_code(run: MakeRun) -> None:
    one = run(denials=(Denial(0, "a", "SIM", "RATE"),))
    other = run(denials=(Denial(0, "a", "SIM", "LOT"),))
    (row,) = compare(one, other).rows
    assert (row.first, row.second, row.is_match, row.symbol) == ("RATE", "LOT", True, "SIM")


def test_nothing_to_compare_never_passes(run: MakeRun) -> None:
    assert verdicts(compare(run(), run())) == {
        "profit": False,
        "decisions": False,
        "leaks": True,
        "explained": True,
    }


def test_a_signal_one_side_never_saw_is_unexplained(trade: Make, run: MakeRun) -> None:
    found = compare(run(trade("a"), trade("b")), run(trade("a")))
    assert not verdicts(found)["explained"]
    assert found.gates[-1].found == "1 unexplained: b"
    assert [row.is_explained for row in found.rows] == [True, False]


def test_a_held_position_has_entered_and_a_waiting_signal_has_not(trade: Make, run: MakeRun) -> None:
    found = compare(run(trade("a"), trade("b")), run(held=frozenset({"a"}), waiting=frozenset({"b"})))
    assert [(row.second, row.is_match) for row in found.rows] == [("HELD", True), ("WAITING", False)]
    assert verdicts(found)["explained"]


def test_an_order_of_another_mode_is_a_leak(trade: Make, run: MakeRun) -> None:
    found = compare(run(trade("a"), foreign=("LDEV-XYZ",)), run(trade("a")))
    assert not found.passes
    assert found.gates[2].found == "1: LDEV-XYZ"


def test_a_row_shows_ticks_slippage_and_latency(trade: Make, run: MakeRun) -> None:
    paper = trade("a", entry=Decimal("100.03"), exit=Decimal("101.00"), slippage="0.30", latency=900)
    live = trade("a", entry=Decimal("100.00"), exit=Decimal("101.02"), slippage="0.10", latency=400)
    (row,) = compare(run(paper), run(live)).rows
    assert (row.entry_ticks, row.exit_ticks, row.latency) == (3, -2, 500)
    assert text(row.slippage or 0) == "0.20"


def test_breaker_trips_are_counted_on_both_sides(run: MakeRun) -> None:
    assert compare(run(trips=(Trip(0, "DRAWDOWN"),)), run()).trips == (1, 0)


def test_the_difference_is_named_by_its_cause(trade: Make) -> None:
    paper = trade("a", gross="90", slippage="2", fees="1")
    live = trade("a", gross="100", slippage="5", fees="3")
    found = attribute(paper, live)
    assert {name: text(part) for name, part in found._asdict().items() if part} == {
        "prices": "-13.00",
        "slippage": "3.00",
        "fees": "2.00",
    }
    assert text(attribute(paper, None).only_first) == "89.00"
    assert text(attribute(None, live).only_second) == "-97.00"


def test_a_larger_quantity_is_a_cause_of_its_own(trade: Make) -> None:
    found = attribute(trade("a", gross="30", quantity=30), trade("a", gross="10", quantity=10))
    assert found == Attribution(quantity=to_units(Decimal(20)))


def _closed(signal_id: int, quantity: int, gross: int, slippage: int, fees: int) -> ClosedTrade:
    one = Decimal(1)
    name = f"s{signal_id}"
    net = gross - fees
    return ClosedTrade(name, "t", "SIM", 1, quantity, 0, one, 0, one, "TP", gross, slippage, fees, net, 1)


_TRADES = st.lists(
    st.builds(
        _closed,
        st.integers(0, 20),
        st.integers(1, 10**4),
        st.integers(-(10**14), 10**14),
        st.integers(0, 10**10),
        st.integers(0, 10**10),
    ),
    max_size=12,
    unique_by=lambda trade: trade.signal_id,
)


@given(_TRADES, _TRADES)
def test_attribution_sums_to_the_last_unit(ours: list[ClosedTrade], theirs: list[ClosedTrade]) -> None:
    found = compare(
        Run("dev", "paper", "USD", trades=tuple(ours)), Run("p", "live", "USD", trades=tuple(theirs))
    )
    assert found.attribution.total == found.difference
    assert sum(row.difference.total for row in found.rows) == found.difference
