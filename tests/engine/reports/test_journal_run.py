"""A journal read back: trades to the cent, latency, denials, leaks; and records that do not fit are refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from config.models import catalogue
from engine.clock import parse_stamp
from engine.instruments import Instrument, instrument
from engine.journal.errors import JournalRefusedError
from engine.journal.record import Record
from engine.money import text
from engine.reports.facts import EquityPoint, Run, Trip
from engine.reports.journal_run import journal_run

AT = parse_stamp("2026-11-20T14:30:00Z")


@pytest.fixture
def instruments() -> dict[str, Instrument]:
    facts = catalogue.Instrument(
        kind="index",
        currency="INR",
        tick=Decimal("0.05"),
        lot=1,
        multiplier=1,
        calendar="24/7",
        expires_on=None,
        fee=catalogue.Fee(percent_per_side=Decimal("0.03"), minimum=Decimal("0.0")),
        slippage=catalogue.Slippage(ticks=10, bps=Decimal("0.0")),
    )
    return {"NIFTY": instrument("NIFTY", facts)}


def _order(order_id: str, leg: str, side: str, **more: Any) -> dict[str, Any]:
    return {
        "id": order_id,
        "leg": leg,
        "symbol": "NIFTY",
        "side": side,
        "quantity": 50,
        "signal_id": "s1",
        "strategy": "test",
        "mode": "paper",
        "commit": "c0ffee",
        **more,
    }


def _fill(order_id: str, price: str, fee: str, **more: Any) -> dict[str, Any]:
    body = {"id": order_id, "execution": f"x{order_id}", "quantity": 50, "price": price, "fee": fee}
    return {**body, "slippage": 0, "time": AT + 60, **more}


CFG = ("cfg", {"schema": 1, "environment": "dev", "mode": "paper", "account": "A"})
SESSION = ("session", {"day": "2026-11-20", "equity": "100000.00", "peak": "100000.00"})
ENTRY = [
    ("signal", {"id": "s1", "symbol": "NIFTY", "side": 1}),
    ("intent", _order("PDEV-E", "E", "BUY", stop="4100.00", target="4150.00")),
    ("sending", {"id": "PDEV-E"}),
    ("ack", {"id": "PDEV-E"}),
    ("fill", _fill("PDEV-E", "4120.00", "61.80")),
]
EXIT = [
    ("sending", _order("PDEV-SL", "SL", "SELL")),
    ("fill", _fill("PDEV-SL", "4099.50", "61.49", slippage=10, alternative="4150.00", time=AT + 90)),
]


def records(*rows: tuple[str, dict[str, Any]]) -> list[Record]:
    return [Record(seq, AT + seq, *row) for seq, row in enumerate(rows)]


@pytest.fixture
def read(instruments: dict[str, Instrument]) -> Callable[..., Run]:
    def run(*rows: tuple[str, dict[str, Any]], **options: str) -> Run:
        return journal_run(records(*rows), instruments, currency="INR", **options)

    return run


def test_a_journal_tells_the_trade_of_seed_004(read: Callable[..., Run]) -> None:
    run = read(CFG, SESSION, *ENTRY, *EXIT, journal_hash="ab")
    (trade,) = run.trades
    assert (text(trade.gross), text(trade.fees), text(trade.net)) == ("-1025.00", "123.29", "-1148.29")
    assert (text(trade.slippage), trade.reason, trade.latency) == ("25.00", "SL", 2)
    assert trade.ambiguous
    assert text(trade.other_net or 0) == "1375.95"  # 50 x (4150 - 4120), less 61.80 and 62.25
    assert run.equity == (EquityPoint(AT + 90, run.start_equity + trade.net),)
    assert (run.environment, run.mode, run.commit, run.journal_hash) == ("dev", "paper", "c0ffee", "ab")
    assert text(run.start_equity) == "100000.00"
    assert (run.waiting, run.held) == (frozenset(), frozenset())


def test_what_waits_is_told_from_what_is_held(read: Callable[..., Run]) -> None:
    waiting = ("signal", {"id": "s2", "symbol": "NIFTY", "side": 1})
    denied = ("signal", {"id": "s3", "symbol": "NIFTY", "side": 1})
    deny = (
        "deny",
        {"signal_id": "s3", "symbol": "NIFTY", "code": "RATE", "codes": ["RATE", "LOT"], "detail": "d"},
    )
    run = read(CFG, *ENTRY, waiting, denied, deny)
    assert (run.waiting, run.held) == ({"s2"}, {"s1"})
    assert run.denials[0][1:] == ("s3", "NIFTY", "RATE", ("RATE", "LOT"), "d")


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (("cancel", {"id": "PDEV-E", "state": "CANCELED", "reason": "ENTRY_GAPPED"}), "ENTRY_GAPPED"),
        (("cancel", {"id": "PDEV-E", "state": "EXPIRED", "reason": "end of session"}), "EXPIRED"),
        (("ack", {"id": "PDEV-E", "rejected": "no margin"}), "REJECTED"),
    ],
)
def test_an_entry_without_a_fill_has_a_reason(
    read: Callable[..., Run], end: tuple[str, dict[str, Any]], code: str
) -> None:
    run = read(CFG, *ENTRY[:3], ("cancel", {"id": "PDEV-E", "asked": True}), end)
    assert [(denial.signal_id, denial.code) for denial in run.denials] == [("s1", code)]
    assert (run.waiting, run.held) == (frozenset(), frozenset())


def test_the_rest_of_a_filled_entry_may_be_canceled(read: Callable[..., Run]) -> None:
    rest = ("cancel", {"id": "PDEV-E", "state": "CANCELED", "reason": "position closed"})
    run = read(CFG, *ENTRY, rest, *EXIT, ("cancel", {"id": "PDEV-SL", "state": "CANCELED", "reason": ""}))
    assert (run.denials, len(run.trades)) == ((), 1)


def test_breakers_and_dead_letters_are_counted(read: Callable[..., Run]) -> None:
    run = read(CFG, ("breaker", {"breaker": "DAILY_LOSS"}), ("dlq", {"key": "k", "codes": []}))
    assert run.trips == (Trip(AT + 1, "DAILY_LOSS"),)
    assert run.rejected == (AT + 2,)


def test_an_order_of_another_mode_is_foreign(read: Callable[..., Run]) -> None:
    live = ("intent", _order("LDEV-E", "E", "BUY"))
    assert read(CFG, *ENTRY, live).foreign == ("LDEV-E",)


def test_shadow_orders_count_as_sent(read: Callable[..., Run]) -> None:
    rows = [("would_send" if row[0] == "sending" else row[0], row[1]) for row in (*ENTRY, *EXIT)]
    assert len(read(CFG, *rows).trades) == 1


def test_a_mode_is_said_or_refused(read: Callable[..., Run]) -> None:
    assert read(mode="backtest").mode == "backtest"
    with pytest.raises(JournalRefusedError, match="does not say its mode"):
        read()


@pytest.mark.parametrize(
    "row",
    [
        ("fill", _fill("PDEV-NONE", "1.00", "0.00")),
        ("intent", _order("P", "E", "BUY") | {"symbol": "MOON"}),
        ("fill", _fill("PDEV-E", "4120.01", "0.00")),
        ("sending", {"id": "PDEV-NONE"}),
        ("deny", {"code": "RATE"}),
    ],
)
def test_a_record_that_does_not_fit_is_named(
    read: Callable[..., Run], row: tuple[str, dict[str, Any]]
) -> None:
    with pytest.raises(JournalRefusedError, match=rf"record 6 \({row[0]}\) does not fit"):
        read(CFG, *ENTRY, row)
