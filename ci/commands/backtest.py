"""`interlock backtest`: replay bars and signals through the engine of paper trading, exactly and without a disk."""

from __future__ import annotations

import argparse
from pathlib import Path

from ci.backtesting.answer import answer
from ci.backtesting.charts import check_target, run_of, write_chart
from ci.backtesting.inputs import read_config, read_feed, read_signals, read_state
from ci.context import Context
from ci.errors import USAGE, UsageError
from ci.output.document import Document
from config.findings import Refused
from engine.backtest import replay
from engine.market.calendars import CalendarError

NAME = "backtest"
HELP = (
    "Replay bars (CSV `time,open,high,low,close,volume[,symbol]`, `bokeh`, `generator` or `auto`) and signals"
    ' (JSON lines {"received_at", "signal"}) through the engine. `--state` is here a JSON file with cash,'
    " start_equity, realised_today, losing_streak, positions and working; a position has symbol, quantity, entry,"
    " stop_loss, take_profit_1; decimals are texts."
)
EXAMPLES = (
    "interlock backtest --env dev --bars bars.csv",
    "interlock backtest --env dev --bars bars.csv --signals signals.jsonl --config other/config --format json",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--env", required=True, help="the environment whose limits, sizing and strategy apply"
    )
    parser.add_argument("--bars", required=True, help="CSV file, `bokeh`, `generator` or `auto`")
    parser.add_argument("--signals", type=Path, help="JSON lines, one signal each")
    parser.add_argument("--config", type=Path, help="another config tree (default: this checkout's)")
    parser.add_argument("--plot", type=Path, help="write a chart (.png) or an offline page (.html)")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    if chosen.plot is not None:
        check_target(chosen.plot)
    folder = chosen.config or context.repository().root
    replayable = read_config(context.cwd / folder, chosen.env)
    if isinstance(replayable, Refused):
        return Document(
            "interlock.backtest/1", "malformed config, nothing was run", USAGE, findings=replayable.findings
        )
    feed = read_feed(chosen.bars, replayable.instruments)
    signals, start = read_signals(chosen.signals), read_state(chosen.state, replayable)
    context.progress(f"replaying {len(feed.bars)} bars")
    try:
        result = replay(replayable, feed, replayable.decision(), signals=signals, start=start)
    except (ValueError, CalendarError) as wrong:
        raise UsageError(str(wrong), "nothing was run") from wrong
    if chosen.plot is not None:
        write_chart(run_of(result, feed, replayable), chosen.plot)
    roots = {"tool_root": str(context.tool_root), "config_root": str(folder)}
    return answer(result, feed, replayable, roots)
