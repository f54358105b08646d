"""The daily report gives the figures of seed 004, phase 6, by session."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.clock import DAY, parse_stamp
from engine.money import text, to_units
from engine.reports.daily import daily
from engine.reports.facts import ClosedTrade, Denial, EquityPoint, Run, Trip
from engine.reports.summary import drawdown, falls, percent, span, summary

NOON = parse_stamp("2026-11-20T12:00:00Z")
Make = Callable[..., ClosedTrade]
MakeRun = Callable[..., Run]


def test_the_monday_of_the_seed_is_told_as_it_tells_it(trade: Make, run: MakeRun) -> None:
    nets = ["3000"] * 13 + ["2781"] + ["-1200"] * 9  # 14 wins, 9 losses, 30,981 in all
    trades = [trade(f"s{number}", gross=net) for number, net in enumerate(nets)]
    signals = {f"s{number}": NOON for number in range(142)}
    (day,) = daily(run(*trades, signals=signals, rejected=(NOON,) * 14))
    assert (day.received, day.valid, day.rejected, day.valid_percent) == (156, 142, 14, Decimal("91.0"))
    figures = day.figures
    assert (figures.trades, figures.wins, figures.losses) == (23, 14, 9)
    assert figures.win_percent == Decimal("60.9")
    assert (text(figures.net), text(figures.mean_net or 0)) == ("30981.00", "1347.00")


def test_the_figures_of_both_paper_reports_check() -> None:
    assert (percent(7, 12), percent(9, 15), percent(142, 156)) == (
        Decimal("58.3"),
        Decimal("60.0"),
        Decimal("91.0"),
    )
    assert percent(0, 0) is None


def test_days_are_kept_apart(trade: Make, run: MakeRun) -> None:
    made = run(
        trade("a", gross="10"),
        trade("b", gross="-5", exited_at=NOON + DAY),
        denials=(
            Denial(NOON, "c", "SIM", "RATE"),
            Denial(NOON, "d", "SIM", "RATE"),
            Denial(NOON, "e", "SIM", "LOT"),
        ),
        trips=(Trip(NOON + DAY, "DAILY_LOSS"),),
        equity=tuple(EquityPoint(NOON + n, to_units(Decimal(e))) for n, e in enumerate((100, 110, 99, 105))),
    )
    first, second = daily(made)
    assert (first.day, second.day) == ("2026-11-20", "2026-11-21")
    assert first.denials == {"RATE": 2, "LOT": 1}
    assert (text(first.figures.net), text(second.figures.net)) == ("10.00", "-5.00")
    assert (text(first.drawdown.amount), first.drawdown.percent) == ("11.00", Decimal("10.0"))
    assert second.trips == ("DAILY_LOSS",)


def test_a_calendar_decides_what_a_day_is(trade: Make, run: MakeRun) -> None:
    days = daily(run(trade("a")), day_of=lambda at: None)
    assert [day.day for day in days] == ["unknown"]


def test_nothing_happened_is_no_day_and_no_rate(run: MakeRun) -> None:
    assert daily(run()) == ()
    figures = summary([])
    assert (figures.trades, figures.win_percent, figures.mean_net, figures.slippage_percent) == (
        0,
        None,
        None,
        None,
    )


def test_zero_neither_wins_nor_loses(trade: Make) -> None:
    figures = summary([trade(gross="0"), trade(gross="0.01"), trade(gross="-0.01")])
    assert (figures.wins, figures.losses, figures.trades) == (1, 1, 3)


def test_realised_slippage_is_a_share_of_the_value(trade: Make) -> None:
    assert summary([trade(slippage="2.01", value="2010")]).slippage_percent == Decimal("0.1000")


def test_a_fall_is_measured_from_the_start_too() -> None:
    points = [EquityPoint(1, 90), EquityPoint(2, 120), EquityPoint(3, 60), EquityPoint(4, 130)]
    assert [fall for *_, fall in falls(100, points)] == [10, 0, 60, 0]
    assert drawdown(100, points) == (60, Decimal("50.0"), 3)
    assert drawdown(100, []) == (0, Decimal("0.0"), None)


def test_a_run_spans_whatever_it_holds(trade: Make, run: MakeRun) -> None:
    assert span(run()) is None
    assert span(run(trade(exited_at=NOON + 5), equity=(EquityPoint(NOON - 3, 1),))) == (NOON - 3, NOON + 5)
