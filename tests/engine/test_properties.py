"""Any bars, any signals: cash adds up, exits never exceed positions, limits hold, the journal tells it all again."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from engine.clock import SECOND, parse_stamp, stamp
from engine.loop import Engine
from engine.orders import Leg
from engine.paper import new_books
from engine.replaying.replay import Replay
from engine.trading_state import Mode

MINUTE = 60 * SECOND
START = parse_stamp("2026-01-05T10:00:00Z")
QUIET = settings(suppress_health_check=list(HealthCheck), max_examples=60, deadline=None)
LIMITS = {
    "max_order_value": Decimal("5000.0"),
    "max_position_percent": Decimal("6.0"),
    "max_gross_percent": Decimal("9.0"),
    "max_open_positions": 2,
    "max_daily_loss_percent": Decimal("1.0"),
    "max_consecutive_losses": 3,
}


@st.composite
def rows(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    price, made = draw(st.integers(50, 150)), []
    for _ in range(draw(st.integers(3, 25))):
        open_ = max(1, price + draw(st.integers(-6, 6)))
        close = max(1, open_ + draw(st.integers(-6, 6)))
        high = max(open_, close) + draw(st.integers(0, 6))
        low = max(1, min(open_, close) - draw(st.integers(0, 6)))
        made.append((open_, high, low, close, draw(st.sampled_from([0, 7, 40, 100, 10**6]))))
        price = close
    return made


@st.composite
def plans(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        side = draw(st.sampled_from(["LONG", "SHORT"]))
        entry, sign = draw(st.integers(60, 140)), 1 if side == "LONG" else -1
        made.append(
            {
                "id": f"s-{number}",
                "bar": draw(st.integers(0, 15)),
                "side": side,
                "entry_type": draw(st.sampled_from(["market", "limit", "stop"])),
                "entry": str(entry),
                "stop_loss": str(entry - sign * draw(st.integers(1, 9))),
                "take_profit_1": str(entry + sign * draw(st.integers(1, 20))),
                "quantity": draw(st.sampled_from([None, "1", "10", "1000"])),
            }
        )
    return made


def _play(stage: Any, bars: list[tuple[Any, ...]], signals: list[dict[str, Any]], make_signal: Any) -> Engine:
    engine: Engine = stage.engine(bars)
    for number, bar in enumerate(stage.bars(bars)):
        for plan in (p for p in signals if p["bar"] == number):
            facts = {key: value for key, value in plan.items() if key != "bar"}
            received = bar.at + SECOND
            signal = make_signal(**facts, created_at=stamp(received))
            engine.on_signal(json.dumps(signal).encode(), received)
        engine.on_bar(bar)
        _hold(engine)
    event(f"trades: {min(3, len(engine.books.portfolio.closed))}")
    return engine


def _hold(engine: Engine) -> None:
    """What is true after every bar."""
    books, view = engine.books, engine.books.view
    assert dict(engine.venue.positions()) == dict(engine.positions())
    assert engine.venue.account().cash == view.cash
    assert books.alerts == [alert for alert in books.alerts if "HALTED" not in alert or "DRAWDOWN" in alert]
    for symbol, line in view.lines.items():
        trades = books.portfolio.of_symbol(symbol)
        assert line.quantity == sum(trade.side * trade.quantity for trade in trades)
        assert line.value == line.instrument.value(line.mark, line.quantity)
        assert sum(line.covered.values()) <= abs(line.quantity)
        for trade in trades:
            stops = books.live(trade.signal_id, Leg.SL)
            assert sum(order.left for order in stops) >= trade.quantity, "every open unit has its stop"
        entries = [o for o in books.orders.values() if o.intent.leg is Leg.E and o.is_open]
        assert line.pending == sum(o.intent.side * o.left for o in entries if o.intent.symbol == symbol)


@QUIET
@given(bars=rows(), signals=plans())
def test_cash_flows_sum_to_the_change_of_equity(
    bars: list[Any], signals: list[Any], stage: Any, make_signal: Any, make_instrument: Callable[..., Any]
) -> None:
    traded = {"ACME": make_instrument(fee="0.07", fee_minimum="0.35", slip_ticks=1, slip_bps="3.0")}
    run = stage(traded=traded)
    engine = _play(run, bars, signals, make_signal)
    view, portfolio = engine.books.view, engine.books.portfolio
    flows = sum(trade.net for trade in (*portfolio.closed, *portfolio.open.values()))
    assert view.cash - 100_000 * 10**8 == flows
    assert all(trade.quantity == 0 for trade in portfolio.closed)
    assert all(
        sum(flow.quantity for flow in trade.entries) == sum(flow.quantity for flow in trade.exits)
        for trade in portfolio.closed
    )


@pytest.mark.parametrize("rests", [False, True])
@QUIET
@given(bars=rows(), signals=plans())
def test_no_sequence_passes_a_limit(
    bars: list[Any], signals: list[Any], stage: Any, make_signal: Any, rests: bool
) -> None:
    run = stage(limits=LIMITS, rests=rests)
    engine = _play(run, bars, signals, make_signal)
    for record in run.journal.records():
        if record.type == "intent":
            price = Decimal(record.body["price"])
            assert record.body["quantity"] * price <= 5000
            assert record.body["quantity"] * price <= Decimal("0.06") * 101_000
    entered: dict[str, int] = {}
    for order in engine.books.orders.values():
        if order.intent.leg is Leg.E:
            entered[order.intent.signal_id] = entered.get(order.intent.signal_id, 0) + order.intent.quantity
            assert order.filled <= order.intent.quantity
    exits = [o for o in engine.books.orders.values() if o.intent.leg is not Leg.E]
    for signal_id, units in entered.items():
        assert sum(o.filled for o in exits if o.intent.signal_id == signal_id) <= units


@pytest.mark.parametrize("rests", [False, True])
@QUIET
@given(bars=rows(), signals=plans())
def test_the_journal_tells_everything_again(
    bars: list[Any], signals: list[Any], stage: Any, make_signal: Any, rests: bool
) -> None:
    run = stage(limits=LIMITS, rests=rests)
    engine = _play(run, bars, signals, make_signal)
    books, _ = new_books(run.accepted, Mode("backtest"), MINUTE)
    replay = Replay(books)
    replay.run(run.journal.records())
    assert books.view.cash == engine.books.view.cash
    for symbol, line in engine.books.view.lines.items():
        again = books.view.lines[symbol]
        assert (again.quantity, again.pending, again.covered) == (line.quantity, line.pending, line.covered)
    assert {key: order.state for key, order in books.orders.items()} == {
        key: order.state for key, order in engine.books.orders.items()
    }
    assert books.view.losing_streak == engine.books.view.losing_streak
    assert set(books.portfolio.open) == set(engine.books.portfolio.open)
    assert [trade.net for trade in books.portfolio.closed] == [t.net for t in engine.books.portfolio.closed]


@pytest.mark.parametrize("rests", [False, True])
@QUIET
@given(bars=rows(), signals=plans())
def test_every_signal_ends_in_exactly_one_way(
    bars: list[Any], signals: list[Any], stage: Any, make_signal: Any, rests: bool
) -> None:
    """Denied, dead, sent, or still waiting: never two of them, never none."""
    run = stage(limits=LIMITS, rests=rests)
    engine = _play(run, bars, signals, make_signal)
    ends: dict[str, list[str]] = {}
    for record in run.journal.records():
        if record.type in ("deny", "dlq", "intent"):
            ends.setdefault(record.body["signal_id"], []).append(record.type)
    for waiting in engine.entries.waiting.all():
        ends.setdefault(waiting.id, []).append("waiting")
    arrived = {plan["id"] for plan in signals if plan["bar"] < len(bars)}
    assert {signal_id: len(found) for signal_id, found in ends.items()} == dict.fromkeys(arrived, 1)
