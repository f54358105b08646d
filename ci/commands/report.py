"""`interlock report`: what an engine did, day by day; how sure its profit is; how paper differs from live."""

from __future__ import annotations

import argparse
from pathlib import Path

from ci.context import Context
from ci.errors import UsageError
from ci.output.document import Document
from ci.reporting.documents import ambiguity_document, comparison_document, daily_document, slippage_document
from ci.reporting.journals import Declared, declared, find_journal, read_run
from engine.reports.comparison import compare
from engine.reports.daily import daily
from engine.reports.facts import Run
from engine.reports.slippage import slippage

NAME = "report"
HELP = (
    "Report on an engine's journal: `daily` (signals, trades, profit, breakers of each UTC day), `ambiguity` (how\n"
    "much profit hangs on the order of prices inside a bar), `slippage` (what it cost, against its bounds),\n"
    "`paper-vs-live` (two journals, joined by signal, four gates). Exit 1 when a gate fails."
)
EXAMPLES = (
    "interlock report daily --env dev",
    "interlock report ambiguity --env staging --write run.html",
    "interlock report paper-vs-live --env production --journal paper/journal --against live/journal",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=("daily", "ambiguity", "slippage", "paper-vs-live"))
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument(
        "--journal", type=Path, help="a journal (default: the one of the environment's engine)"
    )
    parser.add_argument("--against", type=Path, help="the other journal of `paper-vs-live`")
    parser.add_argument(
        "--write", type=Path, help="also write the run as picture (.png) or offline page (.html)"
    )
    parser.add_argument("--last", type=int, default=40, help="rows to show (default: 40; JSON has all)")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    if (chosen.kind == "paper-vs-live") != (chosen.against is not None):
        raise UsageError("--against belongs to `paper-vs-live`, and it needs one", "name the other journal")
    where = declared(context, chosen.env)
    journal = context.cwd / chosen.journal if chosen.journal else find_journal(where)
    found = read_run(journal, where)
    if chosen.write is not None:
        _write(found, context.cwd / chosen.write)
    roots = {"tool_root": str(context.tool_root), "judged_root": str(where.root), "journal": str(journal)}
    if chosen.kind == "daily":
        return daily_document(found, daily(found), chosen.last, roots)
    if chosen.kind == "ambiguity":
        return ambiguity_document(found, roots)
    if chosen.kind == "slippage":
        kinds = {symbol: entry.kind for symbol, entry in where.catalogue.instruments.instruments.items()}
        return slippage_document(found, slippage(found.trades, kinds), roots)
    return _against(found, context.cwd / chosen.against, where, chosen.last, roots)


def _against(found: Run, other: Path, where: Declared, last: int, roots: dict[str, str]) -> Document:
    second = read_run(other, where)
    return comparison_document(found, second, compare(found, second), last, {**roots, "against": str(other)})


def _write(found: Run, path: Path) -> None:
    from engine.reports.plot import PlotUnavailableError
    from engine.reports.writing import UnknownFormatError, write_run

    try:
        write_run(found, path)
    except (PlotUnavailableError, UnknownFormatError) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "name a file in a folder that can be written") from None
