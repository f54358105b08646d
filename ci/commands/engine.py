"""`interlock engine`: run the trading engine of one environment on what Git published, or refuse to start (78)."""

from __future__ import annotations

import argparse
import math
import time
from datetime import UTC, datetime
from threading import Event

from ci.context import Context
from ci.errors import CLEAN, REFUSED, InterlockError, UsageError
from ci.output.document import Document
from ci.output.lines import LineLog
from ci.output.registry import STREAM
from ci.running.stopping import Stop
from engine.clock import micros

NAME = "engine"
HELP = (
    "Run the trading engine of one environment: it adopts only what Git recomputes and the ledger intended, trades\n"
    "through the paper venue, obeys kills, and says what it does as JSON lines. It takes signals from outside, one\n"
    "JSON object a line; refused ones become dead letters. SIGTERM ends it cleanly; a run that ends HALTED or KILLED\n"
    "exits 1. `interlock supervise` watches it from outside."
)
EXAMPLES = (
    "interlock engine --env dev --feed generated --bars 500",
    "interlock engine --env dev --feed bokeh --pace 400 --until-stopped",
    "interlock engine --env staging --feed bars.csv --signals inbox.jsonl",
    "producer | interlock engine --env dev --pace 1 --signals -",
)
FORMATS = STREAM


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(format="lines")
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--feed", default="auto", help="auto, bokeh, generated, or a CSV file of bars")
    parser.add_argument("--symbol", action="append", default=[], help="trade only this one (repeatable)")
    parser.add_argument(
        "--signals", default="", help="file of signals that grows (JSON lines), or - for a pipe"
    )
    parser.add_argument("--pace", type=float, help="bars per second (default: as fast as they go)")
    parser.add_argument("--bars", type=int, help="stop after this many bars")
    parser.add_argument("--until-stopped", action="store_true", help="stay up after the last bar")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    if chosen.pace is not None and not (math.isfinite(chosen.pace) and chosen.pace > 0):
        raise UsageError(
            f"--pace {chosen.pace} is no pace", "bars per second, more than 0; none: as fast as they go"
        )
    if chosen.bars is not None and chosen.bars < 1:
        raise UsageError(
            f"--bars {chosen.bars} is no number of bars", "1 or more; none: to the end of the feed"
        )
    stop = Stop.on_signals()
    say = LineLog(context.now)
    try:
        return _run(chosen, context, say, stop)
    except InterlockError as error:
        say("refused", {"reason": error.message, "help": error.help, "exit_code": error.exit_code})
        raise
    finally:
        say.close()


def _run(chosen: argparse.Namespace, context: Context, say: LineLog, stop: Event) -> Document:
    from ci.running.assembly import Order
    from ci.running.drive import Course
    from ci.running.listening import open_source
    from ci.running.session import Inputs, hold

    repository = context.repository()
    order = Order(chosen.env, repository, context.state(repository.root), SystemClock(), say)
    source = open_source(chosen.signals, context.cwd, micros(context.now()))
    course = Course(chosen.pace, chosen.bars, chosen.until_stopped)
    ended = hold(order, Inputs(chosen.feed, tuple(chosen.symbol), source), course, stop)
    roots = {"tool_root": str(context.tool_root), "judged_root": str(repository.root)}
    return Document(
        schema="interlock.engine/1",
        title=f"engine of {chosen.env}",
        exit_code=REFUSED if ended.stands else CLEAN,
        summary=ended.reason,
        facts={**roots, **ended.facts, **({"stands": ended.stands} if ended.stands else {})},
    )
