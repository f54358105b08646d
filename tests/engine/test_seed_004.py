"""The scenarios and fixes of seed 004, each by its number; what the seed got wrong is done right here (04-engine 0)."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.clock import SECOND, parse_stamp, stamp
from engine.journal.file import FileJournal, Identity

MINUTE = 60 * SECOND
START = parse_stamp("2026-01-05T10:00:00Z")
FLAT = (100, 100, 100, 100)


def test_scenario_1_normal_flow_ends_in_profit_and_a_full_trail(stage: Any, make_signal: Any) -> None:
    """Confidence 0.85, reward over risk 2.5; target hit; every step is in the journal."""
    run = stage()
    result = run.run([FLAT, FLAT, (101, 106, 101, 105)], make_signal(take_profit_1="105.00"))
    assert [(trade.reason, trade.net) for trade in result.trades] == [("TP", 50 * 10**8)]
    types = run.types()
    for wanted in ("signal", "intent", "sending", "ack", "fill"):
        assert wanted in types


def test_scenario_4_an_invalid_signal_is_a_dead_letter_once(stage: Any, make_signal: Any) -> None:
    """FIX 4: target below the entry of a long; no trade, one record, never tried again."""
    run = stage()
    result = run.run([FLAT] * 4, make_signal(take_profit_1="99.00"))
    assert [refusal.codes for refusal in result.denied] == [("TARGET_WRONG_SIDE",)]
    assert run.types().count("dlq") == 1
    assert result.trades == []


def test_scenario_5_a_signal_from_the_future_is_refused_and_goes_nowhere_else(
    stage: Any, make_signal: Any
) -> None:
    """FIX 7: Math.abs(age) sent live signals to the backtest."""
    later = stamp(START + 60 * MINUTE)
    result = stage().run([FLAT] * 3, make_signal(created_at=later, expires_at=stamp(START + 90 * MINUTE)))
    assert [refusal.code for refusal in result.denied] == ["FUTURE_TIMESTAMP"]


def _three(make_signal: Any) -> list[dict[str, Any]]:
    """A, B and C with reward over risk 3.0, 2.5 and 2.8."""
    targets = {"A": "106.00", "B": "105.00", "C": "105.60"}
    return [make_signal(id=name, take_profit_1=target) for name, target in targets.items()]


def test_scenario_6_the_best_signal_is_taken_and_the_others_wait(stage: Any, make_signal: Any) -> None:
    """FIX 3: waitingTrades.clear() threw the others away."""
    result = stage().run([FLAT, FLAT], *_three(make_signal))
    assert result.waiting == ["B"]
    assert [trade.signal_id for trade in result.open_trades] == ["A"]
    result = stage().run([FLAT, FLAT, FLAT, FLAT, FLAT], *_three(make_signal))
    assert [trade.signal_id for trade in result.open_trades] == ["A", "C", "B"]


def test_scenario_6_equal_rewards_go_by_age_then_id(stage: Any, make_signal: Any) -> None:
    older = make_signal(id="z", created_at=stamp(START - SECOND))
    result = stage().run([FLAT, FLAT], make_signal(id="b"), make_signal(id="a"), older)
    assert [trade.signal_id for trade in result.open_trades] == ["z"]
    assert result.waiting == ["b"]


def test_scenario_6_a_waiting_signal_expires_and_says_so(stage: Any, make_signal: Any) -> None:
    signal = make_signal(entry_type="limit", entry="90.00", stop_loss="89.00", take_profit_1="92.00")
    result = stage().run([FLAT] * 4, {**signal, "expires_at": stamp(START + 2 * MINUTE)})
    assert [(refusal.code, stamp(refusal.at)) for refusal in result.denied] == [
        ("WAIT_EXPIRED", stamp(START + 2 * MINUTE))
    ]


@pytest.mark.parametrize(("kind", "entry"), [("limit", "99.00"), ("stop", "101.00")])
def test_limit_and_stop_are_ready_when_a_bar_contains_them(
    stage: Any, make_signal: Any, kind: str, entry: str
) -> None:
    price = int(Decimal(entry))
    signal = make_signal(
        entry_type=kind, entry=entry, stop_loss=f"{price - 2}.00", take_profit_1=f"{price + 4}.00"
    )
    rows = [FLAT, (100, 101, 99, 100), FLAT, FLAT]
    (trade,) = stage().run(rows, signal).open_trades
    assert trade.entries[0].at == START + 2 * MINUTE
    assert stage().run([FLAT] * 4, signal).open_trades == []


def test_scenario_7_two_symbols_race_and_one_entry_wins(
    stage: Any, make_signal: Any, make_instrument: Any
) -> None:
    """FIX 13: NIFTY and BANKNIFTY entered both; here one bar time has one entry."""
    run = stage(
        traded={"NIFTY": make_instrument(), "BANK": make_instrument()}, limits={"max_open_positions": 1}
    )
    bars = run.bars([FLAT, FLAT, FLAT], "NIFTY") + run.bars([FLAT, FLAT, FLAT], "BANK")
    signals = [
        make_signal(id="n", symbol="NIFTY"),
        make_signal(id="b", symbol="BANK", take_profit_1="105.00"),
    ]
    result = run.run(bars, *signals)
    assert [trade.signal_id for trade in result.open_trades] == ["b"]
    assert [(refusal.signal_id, refusal.code) for refusal in result.denied] == [("n", "MAX_OPEN_POSITIONS")]


def test_scenario_7_with_real_threads_one_position_stands(stage: Any, make_signal: Any) -> None:
    """Threads hand over messages; the one writer decides: N threads, one position."""
    run = stage(limits={"max_open_positions": 1, "max_orders_per_day": 1})
    engine = run.engine()
    together = threading.Barrier(8)

    def hand_over(number: int) -> None:
        import json

        together.wait(10)
        for turn in range(5):
            signal = make_signal(id=f"t-{number}-{turn}")
            engine.on_signal(json.dumps(signal).encode(), START + SECOND)

    threads = [threading.Thread(target=hand_over, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    for bar in run.bars([FLAT] * 45):
        engine.on_bar(bar)
    assert len(engine.books.portfolio.open) == 1
    assert engine.positions() == {"ACME": 10}
    assert engine.counts.denied == 39


def test_fix_2_no_float_in_any_record(stage: Any, make_signal: Any) -> None:
    run = stage()
    run.run([FLAT, (100, 105, 97, 101), FLAT], make_signal())

    def floats(value: Any) -> bool:
        if isinstance(value, dict):
            return any(floats(v) for v in value.values())
        return any(floats(v) for v in value) if isinstance(value, list) else isinstance(value, float)

    assert not [record for record in run.journal.records() if floats(record.body)]


def test_fix_19_the_trail_is_chained_and_survives(tmp_path: Path) -> None:
    journal = FileJournal.open(tmp_path / "journal", Identity("dev", "paper", "A"), 0)
    head = journal.head
    journal.append(1, "signal", {"id": "x"})
    assert journal.head != head
    journal.close()
