"""Reports as documents: daily, ambiguity, and one run against another; money exact, as text.

Never computes a figure: those come from engine/reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ci.errors import CLEAN, REFUSED
from ci.output.document import Document, Table
from ci.reporting.journals import shown_instant
from engine.money import text
from engine.reports.ambiguity import band
from engine.reports.comparison import Comparison, Row
from engine.reports.daily import Day
from engine.reports.facts import Run
from engine.reports.slippage import SymbolSlippage
from engine.reports.summary import Summary

_DAY = (
    "day", "received", "valid", "rejected", "denied", "trades", "wins", "losses", "win rate", "mean net", "net",
    "slippage", "deepest fall", "breakers",
)  # fmt: skip
_ROW = (
    "signal",
    "symbol",
    "first",
    "second",
    "entry ticks",
    "exit ticks",
    "slippage",
    "latency ms",
    "difference",
)
_DOUBTS = ("signal", "symbol", "left", "reason", "net", "other")
_SLIPPAGE = ("symbol", "kind", "trades", "value", "slippage", "share", "bound", "verdict")
_QUIET = frozenset({"tool_root", "judged_root", "days", "rows"})

Facts = Mapping[str, Any]


def daily_document(run: Run, days: tuple[Day, ...], last: int, roots: Facts) -> Document:
    """One line a day; the last ones for people, all of them for machines."""
    return Document(
        schema="interlock.report/1",
        title=f"daily report of {run.environment}, {run.mode}",
        exit_code=CLEAN,
        summary=f"{len(days)} day(s), {len(run.trades)} trades, net {text(run.net)} {run.currency}",
        facts={**roots, **_identity(run), "days": [_day_facts(day) for day in days]},
        tables=(Table("days", _DAY, tuple(_day_row(day) for day in days[-last:])),) if days else (),
        quiet_facts=_QUIET,
    )


def ambiguity_document(run: Run, roots: Facts) -> Document:
    """How much of the profit is a matter of luck; more than a tenth is refused."""
    found = band(run.trades)
    doubtful = [trade for trade in run.trades if trade.ambiguous]
    rows = tuple(
        (
            trade.signal_id,
            trade.symbol,
            shown_instant(trade.exited_at),
            trade.reason,
            text(trade.net),
            text(trade.other_net or 0),
        )
        for trade in doubtful
    )
    share = "no profit to compare with" if found.percent is None else f"{found.percent:.2f} % of the profit"
    return Document(
        schema="interlock.report/1",
        title=f"ambiguity report of {run.environment}, {run.mode}",
        exit_code=CLEAN if found.passes else REFUSED,
        summary=f"{found.ambiguous} of {found.trades} trades ambiguous, band {text(found.width)}: {share}; "
        + ("passes" if found.passes else "refused: at most a tenth of the profit may hang on it"),
        facts={
            **roots,
            **_identity(run),
            "net": text(found.net),
            "net_worst": text(found.worst),
            "net_best": text(found.best),
            "passes": found.passes,
        },
        tables=(Table("ambiguous trades", _DOUBTS, rows),) if rows else (),
        quiet_facts=_QUIET,
    )


def slippage_document(run: Run, rows: tuple[SymbolSlippage, ...], roots: Facts) -> Document:
    """What slippage cost by symbol; a symbol at or above its bound is refused."""
    shown = tuple(
        (
            row.symbol,
            row.kind,
            str(row.trades),
            text(row.value),
            text(row.slippage),
            _shown(_percent(row.percent)),
            f"below 0.{row.per_mille} %",
            "passes" if row.passes else "FAILS",
        )
        for row in rows
    )
    failed = [row.symbol for row in rows if not row.passes]
    return Document(
        schema="interlock.report/1",
        title=f"slippage report of {run.environment}, {run.mode}",
        exit_code=REFUSED if failed else CLEAN,
        summary=f"refused by: {', '.join(failed)}" if failed else f"{len(rows)} symbol(s) below their bounds",
        facts={
            **roots,
            **_identity(run),
            "symbols": [dict(zip(_SLIPPAGE, row, strict=True)) for row in shown],
        },
        tables=(Table("slippage", _SLIPPAGE, shown),) if shown else (),
        quiet_facts=_QUIET | {"symbols"},
    )


def comparison_document(first: Run, second: Run, found: Comparison, last: int, roots: Facts) -> Document:
    """Every gate with what was found, every signal on which the runs differ, and where the difference comes from."""
    gates = tuple((g.name, "passes" if g.passes else "FAILS", g.found, g.wanted) for g in found.gates)
    causes = tuple((name.replace("_", " "), text(part)) for name, part in found.attribution._asdict().items())
    apart = [row for row in found.rows if row.difference.total or not row.is_match or not row.is_explained]
    tables = (
        Table("figures", ("", "first", "second"), tuple(_figures(found.first, found.second))),
        Table("gates", ("gate", "verdict", "found", "wanted"), gates),
        Table(
            "where the difference comes from",
            ("cause", "amount"),
            (*causes, ("total", text(found.difference))),
        ),
        Table("signals apart", _ROW, tuple(_row(row) for row in apart[:last])),
    )
    failed = [gate.name for gate in found.gates if not gate.passes]
    return Document(
        schema="interlock.report/1",
        title=f"{first.mode} against {second.mode}",
        exit_code=CLEAN if found.passes else REFUSED,
        summary="every gate passes" if found.passes else f"refused by: {', '.join(failed)}",
        facts={
            **roots,
            "first": _identity(first),
            "second": _identity(second),
            "difference": text(found.difference),
            "attribution": {name: text(part) for name, part in found.attribution._asdict().items()},
            "breaker_trips": list(found.trips),
            "gates": [gate._asdict() for gate in found.gates],
            "rows": [dict(zip(_ROW, _row(row), strict=True)) for row in found.rows],
        },
        tables=tables,
        quiet_facts=_QUIET | {"first", "second", "attribution", "gates"},
    )


def _identity(run: Run) -> dict[str, str]:
    return {
        "environment": run.environment,
        "mode": str(run.mode),
        "commit": run.commit,
        "journal_hash": run.journal_hash,
    }


def _day_row(day: Day) -> tuple[str, ...]:
    return tuple(_shown(value) for value in _day_facts(day).values())


def _day_facts(day: Day) -> dict[str, Any]:
    figures = day.figures
    values = (
        day.day, day.received, day.valid, day.rejected, sum(day.denials.values()), figures.trades, figures.wins,
        figures.losses, _percent(figures.win_percent), _money(figures.mean_net), text(figures.net),
        text(figures.slippage), text(day.drawdown.amount), list(day.trips),
    )  # fmt: skip
    return dict(zip(_DAY, values, strict=True))


def _figures(one: Summary, other: Summary) -> list[tuple[str, str, str]]:
    pairs = (
        ("trades", one.trades, other.trades),
        ("win rate", _percent(one.win_percent), _percent(other.win_percent)),
        ("mean net", _money(one.mean_net), _money(other.mean_net)),
        ("net", text(one.net), text(other.net)),
        ("fees", text(one.fees), text(other.fees)),
        ("slippage", text(one.slippage), text(other.slippage)),
        ("slippage of value", _percent(one.slippage_percent), _percent(other.slippage_percent)),
    )
    return [(name, _shown(first), _shown(second)) for name, first, second in pairs]


def _row(row: Row) -> tuple[str, ...]:
    return (
        row.signal_id,
        row.symbol,
        row.first,
        row.second,
        _shown(row.entry_ticks),
        _shown(row.exit_ticks),
        _shown(_money(row.slippage)),
        "-" if row.latency is None else f"{Decimal(row.latency) / 1000:f}",
        text(row.difference.total),
    )


def _money(units: int | None) -> str | None:
    return None if units is None else text(units)


def _percent(share: Decimal | None) -> str | None:
    return None if share is None else f"{share} %"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)
