"""A replay's own trades and the trades read back from its journal are the same facts, to the last unit."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import SECOND, parse_stamp, stamp
from engine.instruments import instruments
from engine.market.bars import Bar
from engine.reports.comparison import compare
from engine.reports.journal_run import journal_run
from engine.reports.replayed import replayed_run

MINUTE = 60 * SECOND
START = parse_stamp("2026-01-05T10:00:00Z")
Make = Callable[..., Any]


def _walk(seed: int, count: int) -> list[Bar]:
    chance = random.Random(seed)  # noqa: S311 - prices, no secrets
    bars, close = [], 10_000
    for number in range(count):
        open_ = close + chance.randint(-5, 5)
        close = max(8_000, open_ + chance.randint(-60, 60))
        high, low = max(open_, close) + chance.randint(0, 220), min(open_, close) - chance.randint(0, 220)
        volume = chance.choice((40, 90, 10_000))
        bars.append(Bar("ACME", START + number * MINUTE, open_, high, low, close, volume))
    return bars


def _signals(make_signal: Make, bars: list[Bar], seed: int) -> list[tuple[int, dict[str, Any]]]:
    chance = random.Random(seed)  # noqa: S311 - prices, no secrets
    found = []
    for number, bar in enumerate(bars[:-1:7]):
        side, price = chance.choice((("LONG", 1), ("SHORT", -1))), bar.close
        entry, risk = Decimal(price) / 100, Decimal(chance.randint(60, 150)) / 100
        at = bar.at + SECOND
        signal = make_signal(
            id=f"s-{number}",
            side=side[0],
            entry=f"{entry:.2f}",
            stop_loss=f"{entry - side[1] * risk:.2f}",
            take_profit_1=f"{entry + side[1] * 2 * risk:.2f}",
            created_at=stamp(bar.at),
            expires_at=stamp(bar.at + 30 * MINUTE),
        )
        found.append((at, signal))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_journal_and_replay_tell_the_same_trades(
    stage: Make, make_signal: Make, make_instrument: Make, seed: int
) -> None:
    traded = {"ACME": make_instrument(fee="0.03", slip_ticks=2, multiplier=5)}
    made = stage(traded=traded, cash="10000000.0")
    bars = _walk(seed, 900)
    result = made.run(bars, *_signals(make_signal, bars, seed))
    known = instruments(made.accepted.catalogue.instruments)
    read = journal_run(made.journal.records(), known, currency="USD", mode="backtest")
    own = replayed_run(result, made.feed(bars), made.accepted)
    assert len(own.trades) > 20
    assert sum(trade.ambiguous for trade in own.trades) > 0
    assert [trade._replace(latency=None) for trade in read.trades] == list(own.trades)
    assert read.net == own.net
    entered = {trade.signal_id for trade in own.trades} | own.held  # of these, only the rest was refused
    refused = {denial.signal_id for denial in own.denials} - entered
    assert {denial.signal_id for denial in read.denials} == refused
    assert (read.held, read.waiting) == (own.held, own.waiting)


def test_a_run_against_itself_passes_with_no_difference(stage: Make, make_signal: Make) -> None:
    made = stage(cash="10000000.0")
    bars = _walk(3, 900)
    result = made.run(bars, *_signals(make_signal, bars, 3))
    own = replayed_run(result, made.feed(bars), made.accepted)
    found = compare(own, own)
    assert found.difference == 0
    assert found.attribution.total == 0
    assert [gate.name for gate in found.gates if not gate.passes] == []
