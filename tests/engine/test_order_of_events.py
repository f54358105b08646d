"""04-engine 8.17, order at one time: open fills, intrabar exits, close mark, breakers, signals, readiness, strategy."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine import money
from engine.backtest import Result
from engine.clock import SECOND, parse_stamp, stamp

MINUTE = 60 * SECOND
START = parse_stamp("2026-01-05T10:00:00Z")
MIDNIGHT = parse_stamp("2026-01-06T00:00:00Z")
FLAT = (100, 100, 100, 100)


def _codes(result: Result) -> list[tuple[str, tuple[str, ...]]]:
    return [(refusal.signal_id, refusal.codes) for refusal in result.denied]


def test_every_open_comes_before_anything_inside_a_bar(
    stage: Any, make_signal: Any, make_instrument: Any
) -> None:
    """A's stop inside the bar trips a breaker; B entered at the open of the same bar, before anybody could know."""
    run = stage(
        traded={"AAA": make_instrument(), "BBB": make_instrument()}, limits={"max_consecutive_losses": 1}
    )
    bars = run.bars([FLAT, FLAT, FLAT, (100, 100, 97, 100), FLAT], "AAA") + run.bars([FLAT] * 5, "BBB")
    signals = [
        make_signal(id="a", symbol="AAA"),
        (START + MINUTE + SECOND, make_signal(id="b", symbol="BBB", created_at=stamp(START + MINUTE))),
    ]
    first = run.run(bars, *signals)
    assert [trade.signal_id for trade in first.open_trades] == ["b"]
    assert [trip["breaker"] for trip in first.trips] == ["CONSEC_LOSS"]
    assert first.open_trades[0].entries[0].at == START + 2 * MINUTE


def test_a_breaker_withdraws_what_has_not_filled(stage: Any, make_signal: Any, make_instrument: Any) -> None:
    """8.8: REDUCING, cancel entries; the signal is told of, as denied by the state."""
    run = stage(
        traded={"AAA": make_instrument(), "BBB": make_instrument()}, limits={"max_consecutive_losses": 1}
    )
    idle = (100, 100, 100, 100, 0)
    bars = run.bars([FLAT, FLAT, FLAT, (100, 100, 97, 100), FLAT], "AAA")
    bars += run.bars([FLAT, FLAT, idle, idle, FLAT], "BBB")
    signals = [
        make_signal(id="a", symbol="AAA"),
        (START + MINUTE + SECOND, make_signal(id="b", symbol="BBB", created_at=stamp(START + MINUTE))),
    ]
    result = run.run(bars, *signals)
    assert _codes(result) == [("b", ("STATE",))]
    assert (result.open_trades, result.working) == ([], [])


def test_the_last_bar_of_a_session_still_belongs_to_it(stage: Any, make_signal: Any) -> None:
    """A breaker that trips at the last mark of the day denies the signals of that mark; the next session re-arms."""
    run = stage(limits={"max_daily_loss_percent": Decimal("0.99")})
    rows = [FLAT, FLAT, (100, 100, 99, 99), (99, 99, 99, 99), (99, 99, 99, 99)]
    bars = [bar._replace(at=MIDNIGHT + (n - 3) * MINUTE) for n, bar in enumerate(run.bars(rows))]
    first = bars[0].at
    until = stamp(first + 600 * MINUTE)
    wide = {"stop_loss": "95.00", "take_profit_1": "120.00", "expires_at": until}
    big = make_signal(id="big", quantity="990", created_at=stamp(first), **wide)

    def small(name: str, at: int) -> tuple[int, dict[str, Any]]:
        return at, make_signal(id=name, entry="99.00", quantity="1", created_at=stamp(at), **wide)

    signals = [small("evening", bars[2].at + SECOND), small("morning", bars[3].at + SECOND)]
    result = run.run(bars, (first + SECOND, big), *signals)
    assert [(trip["breaker"], trip["time"]) for trip in result.trips] == [
        ("DAILY_LOSS", "2026-01-06T00:00:00Z"),
        ("REARMED", "2026-01-06T00:00:00Z"),
    ]
    assert _codes(result) == [("evening", ("STATE", "DAILY_LOSS"))]
    assert [trade.signal_id for trade in result.open_trades] == ["big", "morning"]


def test_a_trade_on_the_way_out_enters_no_more(stage: Any, make_signal: Any) -> None:
    """8.12: the rest is carried, but not past the stop: half an entry, stopped, is no entry any more."""
    rows = [FLAT, (100, 100, 97, 97, 60), (97, 99, 97, 99, 1000), (99, 99, 99, 99, 1000)]
    result = stage().run(rows, make_signal())
    (trade,) = result.trades
    assert [(flow.quantity, flow.price) for flow in trade.entries] == [(6, 10000)]
    assert [(flow.quantity, flow.price) for flow in trade.exits] == [(6, 9700)]
    assert (result.open_trades, result.working) == ([], [])


@pytest.mark.parametrize(("volume", "exits"), [(0, [(10, 9600)]), (40, [(4, 9800), (6, 9600)])])
def test_doubt_is_carried_with_what_a_small_volume_left(
    stage: Any, make_signal: Any, volume: int, exits: list[tuple[int, int]]
) -> None:
    """8.11, 8.12: the bar was ambiguous, whenever its stop fills; the band prices every unit at the target."""
    rows = [FLAT, FLAT, (99, 105, 97, 97, volume), (96, 96, 96, 96, 1000)]
    (trade,) = stage().run(rows, make_signal()).trades
    assert [(flow.quantity, flow.price) for flow in trade.exits] == exits
    assert trade.ambiguous
    assert trade.net + trade.alternative == 40 * money.UNIT


def test_what_arrives_after_the_last_bar_is_judged_and_waits(stage: Any, make_signal: Any) -> None:
    later = START + 10 * MINUTE
    created = {"created_at": stamp(later), "expires_at": stamp(later + MINUTE)}
    result = stage().run(
        [FLAT, FLAT],
        (later, make_signal(id="good", **created)),
        (later, make_signal(id="bad", **created, take_profit_1="99.00")),
        (later, make_signal(id="lost", **created, mode="live")),
    )
    assert result.waiting == ["good"]
    assert [refusal.signal_id for refusal in result.denied] == ["bad", "lost"]
    assert [refusal.code for refusal in result.denied] == ["TARGET_WRONG_SIDE", "MODE"]


def test_an_entry_on_its_way_at_the_end_is_told_of(stage: Any, make_signal: Any) -> None:
    result = stage().run([FLAT], make_signal())
    assert [(order.intent.signal_id, order.left) for order in result.working] == [("s-1", 10)]
    assert (result.waiting, result.denied, result.open_trades) == ([], [], [])


def test_somebody_is_told_before_a_limit_trips(stage: Any, make_signal: Any) -> None:
    """8.8: an alert at 50, 75 and 90 % of each limit, once a session."""
    run = stage(limits={"max_daily_loss_percent": Decimal("4.0"), "max_consecutive_losses": 2})
    signal = make_signal(quantity="1000", stop_loss="60.00", take_profit_1="200.00")
    prices = [100, 100, "98.01", 98, "97.01", "96.40", 98, "96.40", "96.01"]
    rows = [(close, close, close, close) for close in prices]
    result = run.run(rows, signal)
    assert result.alerts == [f"{percent} % of the limit DAILY_LOSS" for percent in (50, 75, 90)]
    assert result.trips == []


@pytest.mark.parametrize(
    ("state", "trips", "codes"),
    [
        ({"losing_streak": 3}, ["CONSEC_LOSS"], ("STATE", "CONSEC_LOSS")),
        ({"cash": "97000.00", "start_equity": "100000.00"}, ["DAILY_LOSS"], ("STATE", "DAILY_LOSS")),
        ({"cash": "97000.01", "start_equity": "100000.00"}, [], ()),
        (
            {"cash": "90000.00", "start_equity": "100000.00"},
            ["DRAWDOWN"],
            ("STATE", "DAILY_LOSS", "DRAWDOWN"),
        ),
    ],
)
def test_a_start_beyond_a_limit_trips_before_the_first_bar(
    stage: Any, make_signal: Any, state: dict[str, Any], trips: list[str], codes: tuple[str, ...]
) -> None:
    """8.8: the state a replay starts from is judged as any other."""
    limits = {"max_daily_loss_percent": Decimal("3.0"), "max_drawdown_percent": Decimal("10.0")}
    result = stage(limits={**limits, "max_consecutive_losses": 3}).run(
        [FLAT, FLAT], make_signal(), state=state
    )
    assert [trip["breaker"] for trip in result.trips] == trips
    assert [refusal.codes for refusal in result.denied] == ([codes] if codes else [])


@pytest.mark.parametrize(
    ("flatten", "reasons", "held"), [(True, ["F", "F"], []), (False, [], ["long", "short"])]
)
def test_a_trip_flattens_where_git_says_so(
    stage: Any, make_signal: Any, make_instrument: Any, flatten: bool, reasons: list[str], held: list[str]
) -> None:
    """8.8: REDUCING, and flatten if `flatten_on_trip`: at the next open, on both sides, with their brackets gone."""
    traded = {"AAA": make_instrument(), "BBB": make_instrument()}
    run = stage(traded=traded, limits={"max_daily_loss_percent": Decimal("0.1"), "flatten_on_trip": flatten})
    fall = [FLAT, FLAT, FLAT, (99, 99, 99, 99), ("99.50", 100, 99, 99), FLAT]
    bars = run.bars(fall, "AAA") + run.bars([FLAT] * 6, "BBB")
    wide = {"stop_loss": "90.00", "take_profit_1": "120.00", "quantity": "100"}
    short = {"side": "SHORT", "stop_loss": "110.00", "take_profit_1": "80.00", "quantity": "10"}
    result = run.run(
        bars, make_signal(id="long", symbol="AAA", **wide), make_signal(id="short", symbol="BBB", **short)
    )
    assert [trip["breaker"] for trip in result.trips] == ["DAILY_LOSS"]
    assert [trade.reason for trade in result.trades] == reasons
    assert [flow.price for trade in result.trades for flow in trade.exits] == (
        [9950, 10000] if flatten else []
    )
    assert [trade.signal_id for trade in result.open_trades] == held


def test_a_trade_of_nothing_neither_counts_nor_resets(
    stage: Any, make_signal: Any, make_instrument: Any
) -> None:
    """8.8: two losses, a trade that ends at exactly zero, one more loss: three in a row, at the fourth trade."""
    run = stage(traded={"ACME": make_instrument(slip_ticks=1)}, limits={"max_consecutive_losses": 3})
    loss = [FLAT, FLAT, (98, 98, 98, 98)]
    nothing = [FLAT, ("100.99", "100.99", "100.99", "100.99"), (100, "101.01", 100, 100)]
    signals = []
    for number, target in enumerate(("104.00", "104.00", "101.00", "104.00")):
        at = START + 3 * number * MINUTE
        signals.append((at, make_signal(id=f"s-{number}", take_profit_1=target, created_at=stamp(at))))
    result = run.run([*loss, *loss, *nothing, *loss], *signals)
    assert [money.text(trade.net) for trade in result.trades] == ["-20.20", "-20.20", "0.00", "-20.20"]
    assert [(trip["breaker"], trip["time"]) for trip in result.trips] == [
        ("CONSEC_LOSS", stamp(START + 11 * MINUTE))
    ]


@pytest.mark.parametrize(
    ("open_", "entered", "codes"),
    [
        ("110.00", [11000], []),
        ("110.01", [], [("s-1", ("UNEXPLAINED_JUMP",)), ("s-2", ("UNEXPLAINED_JUMP",))]),
    ],
)
def test_no_entry_where_the_open_is_a_jump_nobody_recorded(
    stage: Any, make_signal: Any, open_: str, entered: list[int], codes: Any
) -> None:
    """8.8: above 10 %, not at it; the entry on its way is withdrawn, the next one is denied."""
    run = stage(limits={"unexplained_jump_percent": Decimal("10.0")})
    bar, at = (open_, open_, open_, open_), START + MINUTE
    late = {
        "entry": open_,
        "take_profit_1": "150.00",
        "created_at": stamp(at),
        "expires_at": stamp(at + 2 * MINUTE),
    }
    signals = [make_signal(take_profit_1="150.00"), (at, make_signal(id="s-2", **late))]
    result = run.run([FLAT, bar], *signals)
    assert [flow.price for trade in result.open_trades for flow in trade.entries] == entered
    assert _codes(result) == codes


def test_exits_go_on_over_a_jump_and_the_trade_is_marked(stage: Any, make_signal: Any) -> None:
    run = stage(limits={"unexplained_jump_percent": Decimal("10.0")})
    (trade,) = run.run([FLAT, FLAT, (80, 80, 80, 80)], make_signal()).trades
    assert (trade.exits[0].price, trade.reason, trade.unverified_jump) == (8000, "SL", True)
