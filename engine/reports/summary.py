"""The figures people ask for first: trades, win rate, profit, drawdown, slippage; exact, and None where undefined.

Never divides by nothing: a rate of no trades is None, not zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from engine.money import CONTEXT, half_up
from engine.reports.facts import ClosedTrade, Denial, EquityPoint, Run

_TENTH = Decimal("0.1")


class Summary(NamedTuple):
    """Figures of a set of trades; money in units, percentages to one place."""

    trades: int
    wins: int
    losses: int
    win_percent: Decimal | None
    gross: int
    slippage: int
    fees: int
    net: int
    mean_net: int | None
    slippage_percent: Decimal | None


class Drawdown(NamedTuple):
    """The deepest fall from a peak."""

    amount: int
    percent: Decimal
    at: int | None


def summary(trades: Sequence[ClosedTrade]) -> Summary:
    """Figures of these trades; a trade of zero profit neither won nor lost."""
    wins = sum(trade.net > 0 for trade in trades)
    net, slippage = sum(trade.net for trade in trades), sum(trade.slippage for trade in trades)
    return Summary(
        trades=len(trades),
        wins=wins,
        losses=sum(trade.net < 0 for trade in trades),
        win_percent=percent(wins, len(trades)),
        gross=sum(trade.gross for trade in trades),
        slippage=slippage,
        fees=sum(trade.fees for trade in trades),
        net=net,
        mean_net=half_up(net, len(trades)) if trades else None,
        slippage_percent=percent(slippage, sum(trade.value for trade in trades), Decimal("0.0001")),
    )


def percent(part: int, whole: int, step: Decimal = _TENTH) -> Decimal | None:
    """A share in hundredths, half up; None of nothing."""
    if not whole:
        return None
    share = CONTEXT.divide(Decimal(100 * part), Decimal(whole))
    return share.quantize(step, rounding=ROUND_HALF_UP, context=CONTEXT)


def falls(start: int, equity: Sequence[EquityPoint]) -> Iterator[tuple[int, int, int]]:
    """Instant, equity, and how far it is below the highest one before."""
    peak = start
    for at, worth in equity:
        peak = max(peak, worth)
        yield at, worth, peak - worth


def drawdown(start: int, equity: Sequence[EquityPoint]) -> Drawdown:
    """The deepest fall, as a share of the peak it fell from."""
    deepest = Drawdown(0, Decimal("0.0"), None)
    for at, worth, fall in falls(start, equity):
        if fall > deepest.amount:
            deepest = Drawdown(fall, percent(fall, worth + fall) or Decimal("0.0"), at)
    return deepest


def denials_by_code(denials: Sequence[Denial]) -> dict[str, int]:
    """How often each first code stood in the way, most frequent first."""
    counted = Counter(denial.code for denial in denials)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def span(run: Run) -> tuple[int, int] | None:
    """The first and last instant of anything in the run."""
    instants = [point.at for point in run.equity] + [bar.at for bar in run.bars]
    instants += [at for trade in run.trades for at in (trade.entered_at, trade.exited_at)]
    instants += [denial.at for denial in run.denials]
    return (min(instants), max(instants)) if instants else None
