"""04-engine 9 and the rules of 8.11 to 8.15 as vectors: bars in, trades out, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from engine import money
from engine.backtest import Result

FLAT = (100, 100, 100, 100)


def _one(result: Result) -> dict[str, Any]:
    assert [r.code for r in result.denied] == []
    (trade,) = result.trades
    tick = trade.instrument.tick
    return {
        "exit": str(trade.exits[-1].price * tick),
        "reason": trade.reason,
        "gross": money.text(trade.gross),
        "fees": money.text(trade.fees),
        "net": money.text(trade.net),
        "ambiguous": trade.ambiguous,
    }


LONG = [
    pytest.param((100, 105, 97, 101), ("98.00", "SL", "-20.00", True), id="1 ambiguous bar: the stop wins"),
    pytest.param((100, 101, 98, 100), ("98.00", "SL", "-20.00", False), id="low touches the stop: it fills"),
    pytest.param(
        (100, "104.01", 99, 102), ("104.00", "TP", "40.00", False), id="one tick beyond the target: it fills"
    ),
]


@pytest.mark.parametrize(("bar", "expected"), LONG)
def test_exit_in_the_entry_bar(stage: Callable[..., Any], make_signal: Any, bar: Any, expected: Any) -> None:
    trade = _one(stage().run([FLAT, bar], make_signal()))
    assert (trade["exit"], trade["reason"], trade["net"], trade["ambiguous"]) == expected


def test_touch_of_the_target_is_no_fill(stage: Callable[..., Any], make_signal: Any) -> None:
    result = stage().run([FLAT, (100, 104, 99, 103)], make_signal())
    assert (len(result.trades), len(result.open_trades)) == (0, 1)


LATER = [
    pytest.param(
        (95, 105, 94, 101), ("95.00", "SL", "-50.00", False), id="4 gap below the stop: at the open"
    ),
    pytest.param(
        (106, 107, 97, 101), ("104.00", "TP", "40.00", False), id="gap above the target: at the target"
    ),
    pytest.param((104, 105, 97, 101), ("98.00", "SL", "-20.00", True), id="open on the target is undecided"),
    pytest.param((98, 105, 97, 101), ("98.00", "SL", "-20.00", False), id="open on the stop is decided"),
    pytest.param((99, 103, 98, 99), ("98.00", "SL", "-20.00", False), id="stop inside the bar"),
]


@pytest.mark.parametrize(("bar", "expected"), LATER)
def test_exit_in_a_later_bar(stage: Callable[..., Any], make_signal: Any, bar: Any, expected: Any) -> None:
    trade = _one(stage().run([FLAT, FLAT, bar], make_signal()))
    assert (trade["exit"], trade["reason"], trade["net"], trade["ambiguous"]) == expected


SHORT = [
    pytest.param((100, 103, 95, 99), ("102.00", "SL", "-20.00", True), id="ambiguous"),
    pytest.param((105, 106, 95, 99), ("105.00", "SL", "-50.00", False), id="gap"),
    pytest.param((100, 101, "95.99", 99), ("96.00", "TP", "40.00", False), id="target"),
    pytest.param((94, 103, 93, 99), ("96.00", "TP", "40.00", False), id="gap beyond the target"),
]


@pytest.mark.parametrize(("bar", "expected"), SHORT)
def test_short_is_the_mirror(stage: Callable[..., Any], make_signal: Any, bar: Any, expected: Any) -> None:
    signal = make_signal(side="SHORT", stop_loss="102.00", take_profit_1="96.00")
    trade = _one(stage().run([FLAT, FLAT, bar], signal))
    assert (trade["exit"], trade["reason"], trade["net"], trade["ambiguous"]) == expected


def test_scenario_2_of_seed_004_to_the_cent(
    stage: Callable[..., Any], make_signal: Any, make_instrument: Any
) -> None:
    """Seed 004 scenario 2, vector 9: slippage 10 ticks on market and stop fills, fee 0.03 % a side."""
    traded = {"ACME": make_instrument(tick="0.05", fee="0.03", slip_ticks=10)}
    signal = make_signal(entry="4120.00", stop_loss="4100.00", take_profit_1="4150.00", quantity="50")
    bars = [("4119.50", "4119.50", "4119.50", "4119.50"), ("4119.50", 4125, 4095, 4100)]
    trade = _one(stage(traded=traded, cash="1000000.0").run(bars, signal))
    assert trade == {
        "exit": "4099.50",
        "reason": "SL",
        "gross": "-1025.00",
        "fees": "123.29",
        "net": "-1148.29",
        "ambiguous": False,
    }


def test_same_vector_from_a_start_state(stage: Callable[..., Any], make_instrument: Any) -> None:
    traded = {"ACME": make_instrument(tick="0.05", fee="0.03", slip_ticks=10)}
    held = {
        "symbol": "ACME",
        "quantity": "50",
        "entry": "4120.00",
        "stop_loss": "4100.00",
        "take_profit_1": "4150.00",
    }
    state = {"cash": "794000.00", "start_equity": "1000000.00", "positions": [held]}
    trade = _one(stage(traded=traded, cash="1000000.0").run([(4120, 4125, 4095, 4100)], state=state))
    assert (trade["exit"], trade["gross"], trade["fees"], trade["net"]) == (
        "4099.50",
        "-1025.00",
        "123.29",
        "-1148.29",
    )


@pytest.mark.parametrize(("close", "state"), [("400.01", "ACTIVE"), ("400.00", "REDUCING")])
def test_daily_loss_trips_at_three_percent(stage: Callable[..., Any], close: str, state: str) -> None:
    """Vector 14: realised -2,400.00 and open -599.99 pass, -600.00 trips: 3,000.00 is 3.000 %."""
    held = {"symbol": "ACME", "quantity": "1", "entry": "1000.00", "stop_loss": None, "take_profit_1": None}
    start = {
        "cash": "96600.00",
        "start_equity": "100000.00",
        "realised_today": "-2400.00",
        "losing_streak": 0,
        "positions": [held],
        "working": [],
    }
    limits = {"max_daily_loss_percent": Decimal("3.0")}
    result = stage(limits=limits).run([(1000, 1000, close, close)], state=start)
    assert result.state.name == state


def test_entry_at_a_gap_beyond_the_bracket_is_no_entry(stage: Callable[..., Any], make_signal: Any) -> None:
    for open_ in (98, 97, 104, 105):
        result = stage().run([FLAT, (open_, open_, open_, open_)], make_signal())
        assert [r.code for r in result.denied] == ["ENTRY_GAPPED"]
        assert (result.trades, result.open_trades) == ([], [])


def test_a_tenth_of_the_volume_fills_and_the_rest_is_carried(
    stage: Callable[..., Any], make_signal: Any
) -> None:
    rows = [FLAT, (100, 100, 100, 100, 40), (101, 101, 101, 101, 0), (102, 102, 102, 102, 1000)]
    result = stage().run(rows, make_signal())
    (trade,) = result.open_trades
    assert [(flow.quantity, flow.price) for flow in trade.entries] == [(4, 10000), (6, 10200)]


def test_an_unfilled_stop_works_at_market_next_bar(stage: Callable[..., Any], make_signal: Any) -> None:
    rows = [FLAT, FLAT, (99, 99, 97, 97, 40), (96, 103, 96, 103, 1000)]
    (trade,) = stage().run(rows, make_signal()).trades
    assert [(flow.quantity, flow.price) for flow in trade.exits] == [(4, 9800), (6, 9600)]


def test_slippage_is_the_larger_of_ticks_and_points(
    stage: Callable[..., Any], make_signal: Any, make_instrument: Any
) -> None:
    for ticks, points, paid in ((3, "1.0", 10003), (0, "1.0", 10001), (0, "0.1", 10001), (0, "2.01", 10003)):
        traded = {"ACME": make_instrument(slip_ticks=ticks, slip_bps=points)}
        (trade,) = stage(traded=traded).run([FLAT, FLAT], make_signal()).open_trades
        assert trade.entries[0].price == paid


def test_the_same_input_gives_the_same_hash(stage: Callable[..., Any], make_signal: Any) -> None:
    rows = [FLAT, (100, 105, 97, 101), FLAT]
    hashes = {stage().run(rows, make_signal()).journal_hash for _ in range(3)}
    assert len(hashes) == 1
    assert hashes != {stage().run(rows, make_signal(quantity="9")).journal_hash}


def test_cash_flows_and_equity_agree_at_the_end(
    stage: Callable[..., Any], make_signal: Any, make_instrument: Any
) -> None:
    traded = {"ACME": make_instrument(fee="0.1", slip_ticks=1)}
    result = stage(traded=traded).run([FLAT, (100, 105, 97, 101), FLAT], make_signal())
    assert result.equity[-1] - result.start_equity == sum(trade.net for trade in result.trades)


MODELS = [
    pytest.param({}, (106, 107, 105, 106), "104.00", id="limit_gap: limit, at the target"),
    pytest.param({"gap": "open"}, (106, 107, 105, 106), "106.00", id="limit_gap: open, at the open"),
    pytest.param({"gap": "open"}, (103, 107, 103, 106), "104.00", id="no gap: at the target"),
    pytest.param({"gap": "open"}, (104, 104, 103, 104), None, id="a touch at the open is none"),
    pytest.param({"touch": True}, (103, 104, 103, 103), "104.00", id="touch_fills: a touch is a fill"),
    pytest.param({"touch": True}, (103, "103.99", 103, 103), None, id="touch_fills: a tick before is none"),
    pytest.param({"touch": True}, (104, 105, 97, 98), "104.00", id="touch_fills: decided at the open"),
]


@pytest.mark.parametrize(("model", "bar", "exit"), MODELS)
def test_targets_fill_by_the_model_the_environment_names(
    stage: Callable[..., Any], make_signal: Any, model: dict[str, Any], bar: Any, exit: str | None
) -> None:
    """8.11: at the target (`limit_gap: limit`, the default) or the open; a touch is no fill (`touch_fills: false`)."""
    result = stage(**model).run([FLAT, FLAT, bar], make_signal())
    assert [str(trade.instrument.price(trade.exits[0].price)) for trade in result.trades] == (
        [exit] if exit else []
    )


def test_a_touch_makes_a_bar_ambiguous_where_it_fills(stage: Callable[..., Any], make_signal: Any) -> None:
    rows = [FLAT, FLAT, (100, 104, 98, 100)]
    assert [trade.ambiguous for trade in stage().run(rows, make_signal()).trades] == [False]
    assert [trade.ambiguous for trade in stage(touch=True).run(rows, make_signal()).trades] == [True]


def test_a_resting_limit_fills_on_a_touch_where_touches_fill(
    stage: Callable[..., Any], make_signal: Any
) -> None:
    signal = make_signal(entry_type="limit", entry="99.00", stop_loss="97.00", take_profit_1="103.00")
    rows = [FLAT, (100, 100, 99, 100)]
    assert stage(rests=True).run(rows, signal).open_trades == []
    assert len(stage(rests=True, touch=True).run(rows, signal).open_trades) == 1
