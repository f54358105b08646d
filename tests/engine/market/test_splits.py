"""Splits: a recorded one changes units and prices and no money; an unrecorded one stops entries and is marked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from config.models.catalogue import CorporateAction
from engine.paper import new_books
from engine.replaying.replay import Replay
from engine.trading_state import Mode

FLAT = (100, 100, 100, 100)
LIMITS = {"unexplained_jump_percent": Decimal("10.0")}
TWO = CorporateAction(symbol="ACME", day="2026-01-06", kind="split", ratio=Decimal("2.0"))
NEXT_DAY = 14 * 60


def _bars(stage: Any, *rows: Any) -> list[Any]:
    return stage.bars([FLAT, FLAT]) + stage.bars(rows, first=NEXT_DAY)


def test_a_recorded_split_is_no_stop_out(stage: Any, make_signal: Any) -> None:
    run = stage(limits=LIMITS, actions=[TWO])
    result = run.run(_bars(run, (50, 51, 50, 51), (51, "52.01", 51, 52)), make_signal())
    (trade,) = result.trades
    assert (trade.reason, trade.net, trade.unverified_jump) == ("TP", 40 * 10**8, False)
    assert [(flow.quantity, flow.price) for flow in trade.exits] == [(20, 5200)]
    assert result.equity == [100_000 * 10**8] * 2 + [100_020 * 10**8, 100_040 * 10**8]


def test_after_a_split_the_stop_stands_at_the_new_price(stage: Any, make_signal: Any) -> None:
    run = stage(limits=LIMITS, actions=[TWO])
    result = run.run(_bars(run, (50, 50, 49, 49)), make_signal())
    assert [(t.reason, t.net) for t in result.trades] == [("SL", -20 * 10**8)]


def test_a_crash_nobody_recorded_exits_and_is_marked(stage: Any, make_signal: Any) -> None:
    run = stage(limits=LIMITS)
    result = run.run(_bars(run, (50, 50, 50, 50)), make_signal())
    assert [(t.reason, t.net, t.unverified_jump) for t in result.trades] == [("SL", -500 * 10**8, True)]


@pytest.mark.parametrize(("actions", "codes"), [([TWO], []), ([], ["UNEXPLAINED_JUMP"])])
def test_entries_wait_for_an_explanation(
    stage: Any, make_signal: Any, actions: Any, codes: list[str]
) -> None:
    from engine.clock import SECOND, stamp

    run = stage(limits=LIMITS, actions=actions)
    bars = _bars(run, (50, 50, 50, 50), (50, 50, 50, 50))
    received = bars[2].at + SECOND
    signal = make_signal(
        entry="50.00",
        stop_loss="49.00",
        take_profit_1="52.00",
        created_at=stamp(received),
        expires_at=stamp(bars[3].at * 2),
    )
    result = run.run(bars, (received, signal))
    assert [refusal.code for refusal in result.denied] == codes


def test_the_journal_tells_the_split_again(stage: Any, make_signal: Any) -> None:
    run = stage(limits=LIMITS, actions=[TWO])
    run.run(_bars(run, (50, 51, 50, 51)), make_signal())
    books, _ = new_books(run.accepted, Mode("backtest"), 60_000_000)
    Replay(books).run(run.journal.records())
    assert books.view.lines["ACME"].quantity == 20
    assert (books.portfolio.open["s-1"].stop, books.portfolio.open["s-1"].target) == (4900, 5200)
