"""Seed 004, word by word, where signals, dead letters, candles, hours and corporate actions are concerned.

Each test names the paragraph it answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.models.catalogue import CorporateAction
from engine.candles import CandleBuilder, Taken, Tick
from engine.clock import SECOND, parse_stamp, stamp
from engine.intake.dead_letters import DeadLetters
from engine.intake.receiving import Received
from engine.intake.refusals import Refusals
from engine.market import bars
from engine.market.bars import Bar
from engine.market.calendars import AlwaysOpen, CalendarError
from engine.trading_state import TradingState

MINUTE = 60 * SECOND
START = parse_stamp("2026-01-05T10:00:00Z")
QUIET = [(100, 101, 99, 100)] * 5
Make = Callable[..., Any]


class Desk:
    """An engine's inbox with a store behind it; bytes go in as they would come off a queue."""

    def __init__(self, engine: Any, store: DeadLetters) -> None:
        self.engine, self.store = engine, store
        self.alerts: list[str] = []
        self.refusals = Refusals(
            store, commit=lambda: "c0ffee", halt=engine.outgoing.halt, alert=self.alerts.append
        )
        engine.receiving.on_dead_letter = self.refusals.refused

    def deliver(self, document: dict[str, Any] | bytes, at: int = START + SECOND) -> None:
        payload = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.engine.receiving.inbox.append(Received(at, payload))
        self.engine.receiving.take()


@pytest.fixture
def desk(stage: Make, tmp_path: Path) -> Iterator[Desk]:
    store = DeadLetters.open(tmp_path / "dead-letters")
    yield Desk(stage().engine(), store)
    store.close()


def codes(desk: Desk) -> list[str]:
    return [reason.code.value for letter in desk.store.letters() for reason in letter.reasons]


def test_scenario_4_an_inverted_target_is_kept_told_and_never_retried(desk: Desk, make_signal: Make) -> None:
    """Phase 4, scenario 4: T1 < entry; specific error; DLQ; acknowledged, not retried; alert."""
    inverted = make_signal(take_profit_1="99.00")
    desk.deliver(inverted)
    assert codes(desk) == ["TARGET_WRONG_SIDE"]
    assert desk.alerts == ["100.0 % of the signals of the last 5 minutes were refused"]
    assert desk.engine.receiving.inbox == []
    assert len(desk.engine.entries.waiting) == 0
    desk.deliver(inverted)  # the queue delivers it once more: the same delivery
    (letter,) = desk.store.letters()
    assert letter.count == 1
    assert desk.engine.state is TradingState.ACTIVE


def test_scenario_4_no_trade_is_executed(stage: Make, make_signal: Make) -> None:
    """Phase 4, scenario 4: expected: no trade executed, issue logged."""
    made = stage()
    result = made.run(QUIET, make_signal(take_profit_1="99.00"))
    assert (result.trades, result.open_trades) == ([], [])
    assert [refusal.code for refusal in result.denied] == ["TARGET_WRONG_SIDE"]
    assert made.types().count("dlq") == 1
    assert "sending" not in made.types()


def test_scenario_5_a_signal_from_the_future_is_rejected_at_once(stage: Make, make_signal: Make) -> None:
    """Phase 4, scenario 5: an hour ahead; negative age; rejected; not routed to backtest."""
    made = stage()
    ahead = make_signal(created_at=stamp(START + 3600 * SECOND), expires_at=stamp(START + 7200 * SECOND))
    result = made.run(QUIET, ahead)
    assert [refusal.code for refusal in result.denied] == ["FUTURE_TIMESTAMP"]
    assert "age -3599 s" in result.denied[0].detail
    assert (result.trades, result.waiting) == ([], [])


@pytest.mark.parametrize(
    ("age", "code"), [(3600, "STALE"), (-3600, "FUTURE_TIMESTAMP"), (60, None), (-1, None)]
)
def test_fix_7_age_is_never_absolute(stage: Make, make_signal: Make, age: int, code: str | None) -> None:
    """Phase 0, FIX 7: Math.abs on the age sent live signals to the backtest."""
    created = START + MINUTE - age * SECOND
    signal = make_signal(created_at=stamp(created), expires_at=stamp(created + 10_000 * SECOND))
    result = stage().run([(100, 100, 100, 100)] * 6, (START + MINUTE, signal))
    assert [refusal.code for refusal in result.denied] == ([code] if code else [])


@pytest.mark.parametrize("mode", ["live", "paper", "shadow"])
def test_fix_7_a_signal_goes_where_it_says_or_nowhere(stage: Make, make_signal: Make, mode: str) -> None:
    """Phase 4, scenario 1 step 3 routes by age; we route by the mode the signal says (04-engine 8.13)."""
    result = stage().run(QUIET, make_signal(mode=mode))
    assert [refusal.code for refusal in result.denied] == ["MODE"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stop_loss": "101.00"}, "STOP_WRONG_SIDE"),
        ({"entry": "NaN"}, "NOT_FINITE"),
        ({"stop_loss": "-98.00"}, "NOT_POSITIVE"),
        ({"entry": "0"}, "NOT_POSITIVE"),
        ({"entry": "1e400"}, "NOT_A_DECIMAL"),
        ({"entry": "9" * 400}, "TOO_MANY_DIGITS"),
        ({"entry": "100.001"}, "OFF_TICK"),
        ({"symbol": "MOON"}, "UNKNOWN_SYMBOL"),
        ({"confidence": "7"}, "CONFIDENCE_RANGE"),
        ({"created_at": "2016-12-31T23:59:60Z"}, "NOT_AN_INSTANT"),
        ({"extra": "1"}, "UNKNOWN_KEY"),
    ],
)
def test_fix_4_a_bad_signal_never_becomes_an_order(
    stage: Make, make_signal: Make, changes: dict[str, Any], code: str
) -> None:
    """Phase 0, FIX 4: inverted SL and TP, NaN values and the like."""
    made = stage()
    result = made.run(QUIET, make_signal(**changes))
    assert [refusal.code for refusal in result.denied] == [code]
    assert not {"intent", "sending"} & set(made.types())


def test_fix_11_every_kind_of_poison_is_kept_once(desk: Desk, make_signal: Make) -> None:
    """Phase 1, FIX 11: a dead-letter queue, and a way to investigate it."""
    good = json.dumps(make_signal()).encode()
    poison = [b"", b"\xff", b"[]", b"{", good.ljust(64 * 1024 + 1), good[:-1] + b', "side": "LONG"}']
    for payload in poison:
        desk.deliver(payload)
    assert codes(desk)[:5] == ["NOT_JSON", "NOT_UTF8", "NOT_AN_OBJECT", "NOT_JSON", "TOO_LARGE"]
    assert codes(desk)[5:] == ["DUPLICATE_KEY"]
    assert [letter.is_whole for letter in desk.store.letters()] == [True, True, True, True, False, True]
    assert len(desk.alerts) == 1
    desk.deliver(make_signal())
    assert len(desk.engine.entries.waiting) == 1


def test_fix_11_five_in_a_hundred_refused_is_no_alert(desk: Desk, make_signal: Make) -> None:
    """04-engine 8.14: alert on a rate above 5 % in 5 minutes, once each time it is passed."""
    for number in range(95):
        desk.deliver(make_signal(id=f"s-{number}"))
        (signal,) = (one for one in desk.engine.entries.waiting.all() if one.id == f"s-{number}")
        desk.refusals.accepted(signal)
    for number in range(5):
        desk.deliver(b"%d" % number)
    assert desk.alerts == []
    for number in range(5, 8):
        desk.deliver(b"%d" % number)
    assert desk.alerts == ["5.9 % of the signals of the last 5 minutes were refused"]


def test_fix_11_a_full_store_halts_instead_of_dropping(stage: Make, tmp_path: Path) -> None:
    """04-engine 8.14: cap and rotation; overflow is HALTED, not a drop."""
    store = DeadLetters.open(tmp_path, segment_bytes=900, segments=1)
    desk = Desk(stage().engine(), store)
    for number in range(5):
        desk.deliver(b"%d" % number)
    assert desk.engine.state is TradingState.HALTED
    assert any("files of dead letters are full" in alert for alert in desk.engine.books.alerts)
    store.close()


def test_fix_11_a_redriven_signal_is_judged_anew(desk: Desk, make_signal: Make) -> None:
    """04-engine 8.14: a redrive gets a new id and the checks of the day."""
    desk.deliver(make_signal(symbol="MOON"))
    (letter,) = desk.store.letters()
    again = desk.store.redrive(letter.key, operator="ann", reason="instrument was added", at=START)
    desk.deliver(again.replace(b"MOON", b"ACME"))
    (waiting,) = desk.engine.entries.waiting.all()
    assert waiting.id == "s-1.r1"
    desk.deliver(again.replace(b"MOON", b"ACME"), at=START + 121 * SECOND)
    assert codes(desk)[1:] == ["DUP_SIGNAL", "STALE"]


def test_fix_12_candles_from_ticks_are_valid_and_trade(stage: Make, make_signal: Make) -> None:
    """Phase 1, FIX 12: OHLC built from ticks decides entries and exits."""
    builder = CandleBuilder("ACME", MINUTE, AlwaysOpen())
    prices = [10_000, 10_050, 9_990, 10_010, 10_010, 10_020, 10_005, 10_015, 10_100, 10_401, 10_090, 10_300]
    built: list[Bar] = []
    for sequence, price in enumerate(prices):
        tick = Tick("ACME", START + sequence * 15 * SECOND, sequence, price, 500_000)
        assert builder.add(tick, tick.at) is Taken.APPLIED
        built += [candle.bar for candle in builder.advance(tick.at)]
    built += [candle.bar for candle in builder.advance(START + 10 * MINUTE)]
    assert [bars.check(bar)[2:6] for bar in built] == [
        (10_000, 10_050, 9_990, 10_010),
        (10_010, 10_020, 10_005, 10_015),
        (10_100, 10_401, 10_090, 10_300),
    ]
    (trade,) = stage().run(built, make_signal()).trades
    assert (trade.reason, trade.exits[0].price) == ("TP", 10_400)


@pytest.mark.parametrize(
    ("local", "denied"),
    [
        ("2026-01-05T03:28:00Z", ["SESSION"]),  # its bar ends at 08:59 in Mumbai
        ("2026-01-05T03:29:00Z", []),
        ("2026-01-05T18:19:00Z", ["SESSION"]),  # the last five minutes before 23:55
        ("2026-01-26T10:00:00Z", ["SESSION"]),  # Republic Day
        ("2026-11-24T10:00:00Z", ["SESSION"]),  # evening session only
        ("2026-11-24T12:00:00Z", []),
    ],
)
def test_phase_3_mcx_hours_and_holidays_bind_entries(
    stage: Make, make_signal: Make, make_instrument: Make, local: str, denied: list[str]
) -> None:
    """Phase 3: MCX-specific trading hours, exchange holidays calendar."""
    made = stage(traded={"ACME": make_instrument(calendar="MCX")})
    at = parse_stamp(local)
    rows = [Bar("ACME", at + number * MINUTE, 10_000, 10_100, 9_900, 10_000, 10**6) for number in range(3)]
    signal = make_signal(created_at=stamp(at), expires_at=stamp(at + 60 * MINUTE))
    result = made.run(rows, (at + SECOND, signal))
    assert [refusal.code for refusal in result.denied] == denied
    assert len(result.open_trades) == (0 if denied else 1)


def test_phase_3_an_engine_halts_where_its_calendar_ends(
    stage: Make, make_signal: Make, make_instrument: Make
) -> None:
    """Issue 6, 4: a date outside the calendar halts; it never passes as open or closed."""
    made = stage(traded={"ACME": make_instrument(calendar="MCX")})
    late = parse_stamp("2026-12-31T12:00:00Z")
    after = parse_stamp("2027-01-04T12:00:00Z")
    rows = [
        Bar("ACME", at, 10_000, 10_100, 9_900, 10_000, 10**6)
        for at in (late, late + MINUTE, after, after + MINUTE)
    ]
    signal = make_signal(created_at=stamp(after), expires_at=stamp(after + 60 * MINUTE))
    result = made.run(rows, (after + SECOND, signal))
    assert result.state is TradingState.HALTED
    assert any("calendar MCX does not cover 2027-01-04" in alert for alert in result.alerts)
    assert result.open_trades == []
    with pytest.raises(CalendarError, match="`MCX` knows nothing between"):
        made.run([row._replace(at=row.at + 400 * 24 * 60 * MINUTE) for row in rows])


@pytest.mark.parametrize(("day", "denied"), [("2026-01-05", []), ("2026-01-04", ["UNEXPLAINED_JUMP"])])
def test_phase_3_a_split_is_no_crash(stage: Make, make_signal: Make, day: str, denied: list[str]) -> None:
    """Phase 3: corporate actions; a halved price is traded only where the record explains it."""
    action = CorporateAction(symbol="ACME", day=day, kind="split", ratio=Decimal("2.0"))
    made = stage(limits={"unexplained_jump_percent": Decimal("10.0")}, actions=[action])
    before = Bar("ACME", START - 24 * 60 * MINUTE, 20_000, 20_000, 20_000, 20_000, 10**6)
    result = made.run([before, *made.bars(QUIET)], make_signal())
    assert [refusal.code for refusal in result.denied] == denied
