"""Any bars, any signals: the engine and a second reading of the paper agree on trades, denials, trips and equity."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from engine.clock import SECOND, parse_stamp, stamp
from engine.market.bars import Bar

MINUTE = 60 * SECOND
START = parse_stamp("2026-01-05T23:45:00Z")  # midnight falls into the bars: sessions turn
CENT = 10**6


def _oracle() -> Any:
    spec = importlib.util.spec_from_file_location("oracle", Path(__file__).with_name("oracle.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["oracle"] = module
    spec.loader.exec_module(module)
    return module


ORACLE = _oracle()


@st.composite
def markets(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for symbol in draw(st.sampled_from((["AAA"], ["AAA", "BBB"]))):
        price = draw(st.integers(9_950, 10_050))
        for number in range(draw(st.integers(12, 26))):
            open_ = price + draw(st.integers(-150, 150))
            close = open_ + draw(st.integers(-200, 200))
            high, low = (
                max(open_, close) + draw(st.integers(0, 200)),
                min(open_, close) - draw(st.integers(0, 200)),
            )
            volume = draw(st.sampled_from([0, 7, 60, 200, 10**6, 10**6]))
            at = START + number * MINUTE
            made.append(
                {
                    "symbol": symbol,
                    "at": at,
                    "open": open_,
                    "high": high,
                    "low": low,
                    "close": close,
                    "volume": volume,
                }
            )
            price = close
    return made


@st.composite
def wishes(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for number in range(draw(st.integers(4, 12))):
        side, entry = draw(st.sampled_from([1, 1, -1])), draw(st.integers(9_800, 10_200))
        risk = draw(st.sampled_from([20, 50, 100, 100, 250]))
        received = START + draw(st.integers(0, 12)) * MINUTE + draw(st.sampled_from([0, SECOND, MINUTE - 1]))
        made.append(
            {
                "id": f"s-{number}",
                "symbol": draw(st.sampled_from(["AAA", "AAA", "BBB"])),
                "side": side,
                "kind": draw(st.sampled_from(["market", "market", "limit", "stop"])),
                "entry": entry,
                "stop": entry - side * risk,
                "target": entry + side * risk * draw(st.integers(1, 4)),
                "quantity": draw(st.sampled_from([1, 10, 37, 1000])),
                "received": received,
                "expires": received + draw(st.sampled_from([2, 30, 30])) * MINUTE,
            }
        )
    return made


RULES = st.fixed_dictionaries(
    {
        "cash": st.sampled_from([10_000_000, 600_000]),
        "lot": st.sampled_from([1, 5]),
        "ticks": st.sampled_from([0, 3]),
        "bps": st.sampled_from([Fraction(0), Fraction(15, 2)]),
        "fee": st.sampled_from([Fraction(0), Fraction(3, 10_000)]),
        "value": st.sampled_from([500_000, 2_500_000]),
        "position": st.sampled_from([Fraction(5, 100), Fraction(1)]),
        "gross": st.sampled_from([Fraction(10, 100), Fraction(1)]),
        "risk": st.sampled_from([Fraction(5, 1000), Fraction(1)]),
        "positions": st.sampled_from([1, 5]),
        "orders": st.sampled_from([3, 100]),
        "losses": st.sampled_from([1, 3]),
        "daily": st.sampled_from([Fraction(1, 1000), Fraction(3, 100)]),
        "drawdown": st.sampled_from([Fraction(2, 1000), Fraction(1, 10)]),
        "rests": st.booleans(),
        "beyond": st.sampled_from([1, 1, 0]),
        "gap_at_open": st.booleans(),
    }
)


def _percent(share: Fraction) -> Decimal:
    return Decimal(share.numerator * 100) / Decimal(share.denominator)


def _stage(stage: Any, make_instrument: Any, rules: dict[str, Any]) -> Any:
    instrument = make_instrument(
        lot=rules["lot"],
        fee=str(_percent(rules["fee"])),
        slip_ticks=rules["ticks"],
        slip_bps=str(Decimal(rules["bps"].numerator) / rules["bps"].denominator),
    )
    limits = {
        "max_order_value": Decimal(rules["value"]) / 100,
        "max_position_percent": _percent(rules["position"]),
        "max_gross_percent": _percent(rules["gross"]),
        "max_open_positions": rules["positions"],
        "max_orders_per_day": rules["orders"],
        "max_consecutive_losses": rules["losses"],
        "max_daily_loss_percent": _percent(rules["daily"]),
        "max_drawdown_percent": _percent(rules["drawdown"]),
    }
    cash, risk = str(Decimal(rules["cash"]) / 100), str(_percent(rules["risk"]))
    model = {
        "rests": rules["rests"],
        "touch": rules["beyond"] == 0,
        "gap": "open" if rules["gap_at_open"] else "limit",
    }
    return stage(traded={"AAA": instrument, "BBB": instrument}, limits=limits, cash=cash, risk=risk, **model)


def _price(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


@settings(suppress_health_check=list(HealthCheck), max_examples=120, deadline=None)
@given(bars=markets(), signals=wishes(), rules=RULES)
def test_two_readings_of_the_paper_agree(
    bars: list[dict[str, Any]],
    signals: list[dict[str, Any]],
    rules: dict[str, Any],
    stage: Callable[..., Any],
    make_signal: Callable[..., dict[str, Any]],
    make_instrument: Any,
) -> None:
    run = _stage(stage, make_instrument, rules)
    known, last = {bar["symbol"] for bar in bars}, max(bar["at"] for bar in bars) + MINUTE
    signals = [wish for wish in signals if wish["symbol"] in known and wish["received"] < last]
    sent = [
        (
            wish["received"],
            make_signal(
                id=wish["id"],
                symbol=wish["symbol"],
                side="LONG" if wish["side"] > 0 else "SHORT",
                entry_type=wish["kind"],
                entry=_price(wish["entry"]),
                stop_loss=_price(wish["stop"]),
                take_profit_1=_price(wish["target"]),
                quantity=str(wish["quantity"]),
                created_at=stamp(wish["received"]),
                expires_at=stamp(wish["expires"]),
            ),
        )
        for wish in signals
    ]
    ours = run.run([Bar(*bar.values()) for bar in bars], *sent)
    paper = ORACLE.Market(rules, MINUTE)
    paper.run(bars, signals)
    event(f"trades: {min(4, len(paper.closed))}")
    assert [(refusal.signal_id, refusal.codes) for refusal in ours.denied] == paper.denied
    assert [_trade(trade) for trade in ours.trades] == [_held(held) for held in paper.closed]
    assert [trade.signal_id for trade in ours.open_trades] == [held.id for held in paper.open]
    assert [trip["breaker"] for trip in ours.trips] == paper.trips
    assert ours.equity == [cents * CENT for cents in paper.equities]


def _trade(trade: Any) -> tuple[Any, ...]:
    fills = [(flow.side, flow.quantity, flow.price) for flow in (*trade.entries, *trade.exits)]
    return trade.signal_id, fills, trade.reason, trade.ambiguous, trade.net


def _held(held: Any) -> tuple[Any, ...]:
    entries = [fill for fill in held.fills if fill[0] == held.side]
    exits = [fill for fill in held.fills if fill[0] != held.side]
    return held.id, entries + exits, held.reason, held.ambiguous, held.net * CENT
