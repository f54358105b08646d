"""Bars from ticks: order, doubles, lateness, sessions, silence (seed 004, FIX 12)."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.findings import Refused
from config.reading import load
from config.tree import FolderTree
from engine.candles import Candle, CandleBuilder, Taken, Tick
from engine.clock import SECOND, parse_stamp
from engine.market import bars
from engine.market.bars import Bar
from engine.market.calendars import AlwaysOpen, Session, SessionTable, calendar

ROOT = Path(__file__).resolve().parents[2]
MINUTE = 60 * SECOND
START = parse_stamp("2026-11-20T14:30:00Z")


def tick(second: float, sequence: int, price: int, quantity: int = 1) -> Tick:
    return Tick("SIM", START + int(second * SECOND), sequence, price, quantity)


def builder(*, calendar: AlwaysOpen | SessionTable | None = None) -> CandleBuilder:
    return CandleBuilder("SIM", MINUTE, calendar or AlwaysOpen())


def fed(*ticks: Tick, calendar: AlwaysOpen | SessionTable | None = None) -> CandleBuilder:
    made = builder(calendar=calendar)
    for one in ticks:
        made.add(one, one.at)
    return made


def bar(minute: int, *prices: int, volume: int) -> Bar:
    return Bar("SIM", START + minute * MINUTE, *prices, volume)


def test_a_bar_holds_first_highest_lowest_last_and_volume() -> None:
    made = fed(tick(0, 1, 100, 5), tick(10, 2, 104, 1), tick(20, 3, 97, 2), tick(59.999999, 4, 101, 3))
    assert made.advance(START + 62 * SECOND) == (Candle(bar(0, 100, 104, 97, 101, volume=11), False),)


def test_a_bar_is_told_two_seconds_after_its_end_and_once() -> None:
    made = fed(tick(0, 1, 100))
    assert made.advance(START + 62 * SECOND - 1) == ()
    assert len(made.advance(START + 62 * SECOND)) == 1
    assert made.advance(START + 70 * SECOND) == ()


def test_the_end_of_a_bucket_belongs_to_the_next() -> None:
    made = fed(tick(59.999999, 1, 100), tick(60, 2, 200))
    assert [candle.bar.close for candle in made.advance(START + 122 * SECOND)] == [100, 200]


def test_order_is_the_exchange_order_not_the_arrival() -> None:
    made = builder()
    for one in (tick(2, 7, 103), tick(1, 5, 101), tick(2, 8, 104), tick(1, 4, 100)):
        assert made.add(one, START + 2 * SECOND) is Taken.APPLIED
    (candle,) = made.advance(START + 62 * SECOND)
    assert (candle.bar.open, candle.bar.close) == (100, 104)


def test_a_sequence_counts_once() -> None:
    made = fed(tick(1, 5, 100, 7))
    assert made.add(tick(1, 5, 100, 7), START + SECOND) is Taken.DUPLICATE
    assert made.add(tick(61, 5, 900, 7), START + 61 * SECOND) is Taken.DUPLICATE
    assert made.advance(START + 62 * SECOND)[0].bar.volume == 7


@pytest.mark.parametrize(("delay", "taken"), [(2 * SECOND, Taken.APPLIED), (2 * SECOND + 1, Taken.LATE)])
def test_a_late_tick_is_counted_and_not_applied(delay: int, taken: Taken) -> None:
    made = fed(tick(1, 1, 100))
    late = tick(5, 2, 500)
    assert made.add(late, late.at + delay) is taken
    assert made.counts[taken] == (2 if taken is Taken.APPLIED else 1)


def test_a_told_bar_never_changes_even_when_the_clock_goes_back() -> None:
    made = fed(tick(1, 1, 100))
    made.advance(START + 62 * SECOND)
    assert made.add(tick(30, 2, 500), START + 30 * SECOND) is Taken.LATE
    assert made.advance(START) == ()


def test_a_tick_from_the_future_is_not_applied() -> None:
    assert builder().add(tick(10, 1, 100), START + 7 * SECOND) is Taken.AHEAD
    assert builder().add(tick(10, 1, 100), START + 8 * SECOND) is Taken.APPLIED


@pytest.mark.parametrize(
    "bad", [tick(0, 1, 0), tick(0, 1, -5), tick(0, 1, 5, -1), Tick("IBM", START, 1, 5, 1)]
)
def test_a_tick_that_makes_no_sense_is_not_applied(bad: Tick) -> None:
    made = fed(bad)
    assert made.counts[Taken.INVALID] == 1
    assert made.advance(START + 10 * MINUTE) == ()


def test_silence_is_no_bar_but_a_gap() -> None:
    made = builder()
    told = []
    for one in (tick(0, 1, 100), tick(61, 2, 101), tick(240, 3, 102)):
        made.add(one, one.at)
        told += made.advance(one.at + 62 * SECOND)
    assert [(c.bar.at - START, c.gap) for c in told] == [(0, False), (MINUTE, False), (4 * MINUTE, True)]


DAY_ONE = Session("2026-11-20", START, START + 5 * MINUTE)
DAY_TWO = Session("2026-11-21", START + 60 * MINUTE, START + 65 * MINUTE)
TWO_DAYS = SessionTable("X", [DAY_ONE, DAY_TWO], "2026-11-20", "2026-11-21")


def test_ticks_outside_the_session_are_not_applied() -> None:
    made = fed(tick(-1, 1, 100), tick(300, 2, 100), calendar=TWO_DAYS)
    assert made.counts[Taken.OUTSIDE] == 2
    made = CandleBuilder("SIM", MINUTE, SessionTable("X", [DAY_ONE], "2026-11-20", "2026-11-20"))
    beyond = Tick("SIM", parse_stamp("2026-11-21T00:00:00Z"), 1, 100, 1)
    assert made.add(beyond, beyond.at) is Taken.OUTSIDE


@pytest.mark.parametrize(("minute", "gap"), [(60, False), (61, True)])
def test_a_night_is_no_gap_but_a_late_first_bar_is(minute: int, gap: bool) -> None:
    made = builder(calendar=TWO_DAYS)
    told = []
    for one in (tick(240, 1, 100), tick(minute * 60, 2, 101)):
        made.add(one, one.at)
        told += made.advance(one.at + 62 * SECOND)
    assert [candle.gap for candle in told] == [False, gap]


def test_a_noon_pause_is_no_gap() -> None:
    pause = (START + 10 * MINUTE, START + 20 * MINUTE)
    table = SessionTable(
        "X", [Session("2026-11-20", START, START + 30 * MINUTE, pause)], "2026-11-20", "2026-11-20"
    )
    made = builder(calendar=table)
    told = []
    for minute in (9, 20, 22):
        one = tick(minute * 60, minute, 100)
        made.add(one, one.at)
        told += made.advance(one.at + 62 * SECOND)
    assert [candle.gap for candle in told] == [False, False, True]


def test_half_a_day_ends_at_its_own_bell() -> None:
    desired = load(FolderTree(ROOT))
    assert not isinstance(desired, Refused)
    exchange = calendar(desired.catalogue, "XNYS", "2024-11-25", "2024-12-06")
    bell = parse_stamp("2024-11-29T18:00:00Z")  # the day after Thanksgiving
    made = builder(calendar=exchange)  # type: ignore[arg-type]
    taken = [made.add(Tick("SIM", at, at, 100, 1), at) for at in (bell - 1, bell, bell + 3600 * SECOND)]
    assert taken == [Taken.APPLIED, Taken.OUTSIDE, Taken.OUTSIDE]


def test_frames_and_lateness_are_checked() -> None:
    with pytest.raises(ValueError, match="frame 0"):
        CandleBuilder("SIM", 0, AlwaysOpen())


_TICKS = st.lists(
    st.tuples(st.integers(0, 59), st.integers(1, 500), st.integers(0, 9)), min_size=1, max_size=12
)


@given(_TICKS, st.randoms())
def test_any_arrival_order_gives_the_same_true_bar(rows: list[tuple[int, int, int]], random: object) -> None:
    ticks = [tick(0.01 * second, n, price, size) for n, (second, price, size) in enumerate(rows)]
    shuffled = list(ticks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    told = []
    for order in (ticks, shuffled):
        made = builder()
        for one in order:
            made.add(one, START + SECOND)
        told.append(made.advance(START + 62 * SECOND))
    assert told[0] == told[1]
    (candle,) = told[0]
    in_order = sorted(ticks, key=lambda one: (one.at, one.sequence))
    assert bars.check(candle.bar) == Bar(
        "SIM",
        START,
        in_order[0].price,
        max(one.price for one in ticks),
        min(one.price for one in ticks),
        in_order[-1].price,
        sum(one.quantity for one in ticks),
    )


@given(st.lists(st.integers(0, 600), min_size=1, max_size=30))
def test_every_tick_is_counted_exactly_once(seconds: list[int]) -> None:
    made = builder()
    for sequence, second in enumerate(itertools.chain(seconds, seconds)):
        made.add(tick(second, sequence % len(seconds), 100), START + 300 * SECOND)
        made.advance(START + second * SECOND)
    assert sum(made.counts.values()) == 2 * len(seconds)
