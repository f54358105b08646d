"""04-engine 8.15 with `rest_at_venue: true`: limit and stop entries at the venue, and 8.11 for entries inside a bar."""

from __future__ import annotations

from typing import Any

import pytest

from engine.clock import SECOND, parse_stamp, stamp

MINUTE = 60 * SECOND
START = parse_stamp("2026-01-05T10:00:00Z")
FLAT = (100, 100, 100, 100)
LIMIT = {"entry_type": "limit", "entry": "99.00", "stop_loss": "97.00", "take_profit_1": "103.00"}
STOP = {"entry_type": "stop", "entry": "101.00", "stop_loss": "99.00", "take_profit_1": "105.00"}
SHORT_LIMIT = {
    "side": "SHORT",
    "entry_type": "limit",
    "entry": "101.00",
    "stop_loss": "103.00",
    "take_profit_1": "97.00",
}
SHORT_STOP = {
    "side": "SHORT",
    "entry_type": "stop",
    "entry": "99.00",
    "stop_loss": "101.00",
    "take_profit_1": "95.00",
}

FILLS = [
    pytest.param(LIMIT, (100, 100, 99, 100), None, id="a touch of the limit is no fill"),
    pytest.param(LIMIT, (100, 100, "98.99", 100), 9900, id="one tick beyond: at the limit"),
    pytest.param(LIMIT, (98, 100, 98, 100), 9800, id="opens below the limit: at the open, without slippage"),
    pytest.param(LIMIT, (99, 100, "98.99", 100), 9900, id="opens on the limit, goes on: at the limit"),
    pytest.param(LIMIT, (99, 100, 99, 100), None, id="opens on the limit, no farther"),
    pytest.param(STOP, (100, "100.99", 100, 100), None, id="one tick before the stop"),
    pytest.param(STOP, (100, 101, 100, 101), 10105, id="reaches the stop: at the stop and slippage"),
    pytest.param(STOP, (102, 103, 102, 103), 10205, id="opens beyond the stop: at the open and slippage"),
    pytest.param(SHORT_LIMIT, (100, 101, 100, 100), None, id="short: a touch is no fill"),
    pytest.param(SHORT_LIMIT, (100, "101.01", 100, 100), 10100, id="short: one tick beyond"),
    pytest.param(SHORT_LIMIT, (102, 102, 100, 100), 10200, id="short: opens above the limit"),
    pytest.param(SHORT_STOP, (100, 100, 99, 100), 9895, id="short: reaches the stop"),
    pytest.param(SHORT_STOP, (98, 100, 98, 100), 9795, id="short: opens beyond the stop"),
]


@pytest.mark.parametrize(("change", "bar", "price"), FILLS)
def test_where_a_resting_entry_fills(
    stage: Any, make_signal: Any, make_instrument: Any, change: Any, bar: Any, price: int | None
) -> None:
    run = stage(rests=True, traded={"ACME": make_instrument(slip_ticks=5)})
    result = run.run([FLAT, bar], make_signal(**change))
    assert [flow.price for trade in result.open_trades for flow in trade.entries] == (
        [price] if price else []
    )
    assert len(result.working) == (price is None)


INSIDE = [
    pytest.param(
        (100, 110, "98.50", 100), None, id="the target of an entry inside the bar is not its own bar's"
    ),
    pytest.param((100, 100, 97, 98), ("97.00", "SL", False), id="its stop is"),
    pytest.param((100, 110, 97, 98), ("97.00", "SL", True), id="both levels: the stop, and a doubt"),
    pytest.param(
        (98, 110, 98, 100), ("103.00", "TP", False), id="entered at the open: everything applies at once"
    ),
]


@pytest.mark.parametrize(("bar", "exit"), INSIDE)
def test_only_the_stop_follows_an_entry_inside_the_bar(
    stage: Any, make_signal: Any, bar: Any, exit: tuple[str, str, bool] | None
) -> None:
    result = stage(rests=True).run([FLAT, bar], make_signal(**LIMIT))
    found = [(str(t.instrument.price(t.exits[0].price)), t.reason, t.ambiguous) for t in result.trades]
    assert found == ([exit] if exit else [])
    assert len(result.open_trades) == (exit is None)


@pytest.mark.parametrize("open_", [97, 96])
def test_an_open_beyond_the_bracket_is_no_entry(stage: Any, make_signal: Any, open_: int) -> None:
    result = stage(rests=True).run([FLAT, (open_, 100, open_, 100)], make_signal(**LIMIT))
    assert [refusal.code for refusal in result.denied] == ["ENTRY_GAPPED"]
    assert (result.working, result.open_trades, result.trades) == ([], [], [])


def test_it_rests_until_it_expires(stage: Any, make_signal: Any) -> None:
    signal = make_signal(**LIMIT, expires_at=stamp(START + 3 * MINUTE))
    low = (100, 100, 98, 100)
    assert len(stage(rests=True).run([FLAT, FLAT, low], signal).open_trades) == 1
    result = stage(rests=True).run([FLAT, FLAT, FLAT, low], signal)
    assert [(refusal.code, refusal.at) for refusal in result.denied] == [("WAIT_EXPIRED", START + 3 * MINUTE)]
    assert (result.working, result.open_trades) == ([], [])


def test_what_a_small_volume_leaves_rests_on_or_works_at_market(stage: Any, make_signal: Any) -> None:
    """8.12: a limit stays a limit; a stop that was triggered works at market at the next open."""
    rows = [FLAT, (100, 101, "98.50", 100, 40), (100, 100, 100, 100), (100, 100, "98.90", 100)]
    (limit,) = stage(rests=True).run(rows, make_signal(**LIMIT)).open_trades
    assert [(flow.quantity, flow.price) for flow in limit.entries] == [(4, 9900), (6, 9900)]
    assert limit.entries[1].at == START + 3 * MINUTE
    rows = [FLAT, (100, 102, 100, 101, 40), ("100.50", 101, "100.50", 101)]
    (stop,) = stage(rests=True).run(rows, make_signal(**STOP)).open_trades
    assert [(flow.quantity, flow.price) for flow in stop.entries] == [(4, 10100), (6, 10050)]


def test_the_journal_says_what_rests_and_until_when(stage: Any, make_signal: Any) -> None:
    run = stage(rests=True)
    run.run([FLAT], make_signal(**LIMIT))
    (intent,) = [record.body for record in run.journal.records() if record.type == "intent"]
    assert (intent["type"], intent["price"], intent["until"]) == ("limit", "99.00", START + 600 * MINUTE)


def test_without_it_they_wait_here_and_go_at_market(stage: Any, make_signal: Any) -> None:
    rows = [FLAT, (100, 100, 99, 100), (100, 100, 100, 100)]
    (trade,) = stage().run(rows, make_signal(**LIMIT)).open_trades
    assert [(flow.price, flow.at) for flow in trade.entries] == [(10000, START + 2 * MINUTE)]
