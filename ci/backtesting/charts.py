"""A replay as facts of a report, and as a chart or an offline page in a file.

Never draws: pictures and pages are made in engine/reports.
"""

from __future__ import annotations

from pathlib import Path

from ci.backtesting.inputs import Replayable
from ci.errors import UsageError
from engine.backtest import Result
from engine.clock import parse_stamp
from engine.durable import write_durably
from engine.feeds.feed import Feed
from engine.reports.closed import closed_trade
from engine.reports.facts import Denial, EquityPoint, Run, Trip
from engine.reports.page import render_page
from engine.reports.plot import PlotUnavailableError, write_plot


def run_of(result: Result, feed: Feed, replayable: Replayable) -> Run:
    """The facts of one replay."""
    environment = replayable.environment
    symbols = {bar.symbol for bar in feed.bars}
    known = replayable.instruments
    return Run(
        environment=environment.environment,
        mode="backtest",
        currency=environment.account.currency,
        bundle_digest=replayable.bundle.semantic_digest,
        journal_hash=result.journal_hash,
        start_equity=result.start_equity,
        trades=tuple(closed_trade(trade) for trade in result.trades),
        denials=tuple(Denial(*refusal) for refusal in result.denied),
        equity=tuple(
            EquityPoint(at, units) for at, units in zip(result.equity_at, result.equity, strict=True)
        ),
        trips=tuple(Trip(parse_stamp(str(trip["time"])), str(trip["breaker"])) for trip in result.trips),
        waiting=frozenset(result.waiting),
        held=frozenset(
            [trade.signal_id for trade in result.open_trades]
            + [order.intent.signal_id for order in result.working]
        ),
        bars=tuple(feed.bars),
        ticks={symbol: known[symbol].tick for symbol in symbols},
    )


def check_target(path: Path) -> None:
    """Refuse a file nobody can draw before anything runs."""
    if path.suffix not in (".png", ".html"):
        raise UsageError(f"--plot {path}: name a .png or .html file", "nothing was run")
    if not path.parent.is_dir():
        raise UsageError(f"--plot {path}: no such folder", "nothing was run")


def write_chart(run: Run, path: Path) -> None:
    """The chart (.png) or the page (.html)."""
    try:
        if path.suffix == ".png":
            write_plot(run, path)
        else:
            write_durably(path, render_page(run).encode())
    except PlotUnavailableError as missing:
        raise UsageError(str(missing), "or ask for a .html page, which needs nothing") from missing
    except OSError as failure:
        raise UsageError(
            f"--plot {path}: {failure.strerror}", "choose a place that can be written"
        ) from failure
