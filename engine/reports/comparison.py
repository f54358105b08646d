"""Paper against live, or backtest against paper: joined by signal, every row explained, four gates (04-engine 8.16).

Never passes on nothing: no signals, or a live profit of zero, fails.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from engine.money import text
from engine.reports.attribution import Attribution, add_up, attribute
from engine.reports.facts import ClosedTrade, Denial, Run
from engine.reports.summary import Summary, percent, summary

MOST_DIFFERENT_PERCENT = 10
LEAST_MATCH_PERCENT = 95


class Row(NamedTuple):
    """What became of one signal in both runs; a reason says why a trade is missing, `UNEXPLAINED` that nobody knows."""

    signal_id: str
    symbol: str
    first: str
    second: str
    entry_ticks: Decimal | None
    exit_ticks: Decimal | None
    slippage: int | None
    latency: int | None
    difference: Attribution

    @property
    def is_match(self) -> bool:
        """Whether both runs decided alike: both entered, or both did not."""
        return (self.first in ENTERED) == (self.second in ENTERED)

    @property
    def is_explained(self) -> bool:
        """Whether both sides know what became of it."""
        return UNEXPLAINED not in (self.first, self.second)


TRADED = "TRADED"
HELD = "HELD"
WAITING = "WAITING"
UNEXPLAINED = "UNEXPLAINED"
ENTERED = frozenset({TRADED, HELD})


class Gate(NamedTuple):
    """One condition of promotion: what was found, what was wanted."""

    name: str
    passes: bool
    found: str
    wanted: str


class Comparison(NamedTuple):
    """The answer."""

    rows: tuple[Row, ...]
    first: Summary
    second: Summary
    difference: int
    attribution: Attribution
    trips: tuple[int, int]
    gates: tuple[Gate, ...]

    @property
    def passes(self) -> bool:
        """Whether every gate does."""
        return all(gate.passes for gate in self.gates)


def compare(first: Run, second: Run) -> Comparison:
    """`first` (paper) against `second` (live)."""
    ids = dict.fromkeys((*_ids(first), *_ids(second)))
    ones, others = _Index(first), _Index(second)
    rows = tuple(_row(signal_id, ones, others, first) for signal_id in ids)
    return Comparison(
        rows=rows,
        first=summary(first.trades),
        second=summary(second.trades),
        difference=first.net - second.net,
        attribution=add_up(row.difference for row in rows),
        trips=(len(first.trips), len(second.trips)),
        gates=_gates(rows, first, second),
    )


class _Index:
    def __init__(self, run: Run) -> None:
        self.trades = {trade.signal_id: trade for trade in run.trades}
        self.denials: dict[str, Denial] = {}
        for denial in run.denials:
            self.denials.setdefault(denial.signal_id, denial)
        self.held = run.held
        self.waiting = run.waiting

    def fate(self, id: str) -> str:
        """TRADED, HELD, a denial code, WAITING, or that nobody knows."""
        if id in self.trades:
            return TRADED
        if id in self.held:
            return HELD
        if id in self.denials:
            return self.denials[id].code
        return WAITING if id in self.waiting else UNEXPLAINED


def _ids(run: Run) -> list[str]:
    seen = [*run.signals, *(denial.signal_id for denial in run.denials)]
    return [*seen, *(trade.signal_id for trade in run.trades)]


def _row(id: str, ones: _Index, others: _Index, run: Run) -> Row:
    one, other = ones.trades.get(id), others.trades.get(id)
    either = one or other or ones.denials.get(id) or others.denials.get(id)
    both = one is not None and other is not None
    return Row(
        signal_id=id,
        symbol=either.symbol if either is not None else "",
        first=ones.fate(id),
        second=others.fate(id),
        entry_ticks=_ticks(one, other, run, "entry"),
        exit_ticks=_ticks(one, other, run, "exit"),
        slippage=one.slippage - other.slippage if one is not None and other is not None else None,
        latency=_latency(one, other) if both else None,
        difference=attribute(one, other),
    )


def _ticks(one: ClosedTrade | None, other: ClosedTrade | None, run: Run, which: str) -> Decimal | None:
    if one is None or other is None or one.symbol not in run.ticks:
        return None
    difference: Decimal = getattr(one, which) - getattr(other, which)
    return difference / run.ticks[one.symbol]


def _latency(one: ClosedTrade | None, other: ClosedTrade | None) -> int | None:
    if one is None or other is None or one.latency is None or other.latency is None:
        return None
    return one.latency - other.latency


def _gates(rows: tuple[Row, ...], first: Run, second: Run) -> tuple[Gate, ...]:
    difference, base = abs(first.net - second.net), abs(second.net)
    share = percent(difference, base, Decimal("0.001"))
    matches = sum(row.is_match for row in rows)
    match = percent(matches, len(rows), Decimal("0.001"))
    leaks = sorted({*first.foreign, *second.foreign})
    unexplained = [row.signal_id for row in rows if not row.is_explained]
    return (
        Gate(
            "profit",
            base != 0 and 100 * difference <= MOST_DIFFERENT_PERCENT * base,
            f"{text(first.net)} against {text(second.net)}"
            + (f": {share} %" if share is not None else ": nothing to compare with"),
            f"at most {MOST_DIFFERENT_PERCENT} % apart",
        ),
        Gate(
            "decisions",
            bool(rows) and 100 * matches >= LEAST_MATCH_PERCENT * len(rows),
            f"{matches} of {len(rows)} alike" + (f": {match} %" if match is not None else ""),
            f"at least {LEAST_MATCH_PERCENT} % alike",
        ),
        Gate("leaks", not leaks, f"{len(leaks)}" + _named(leaks), "none"),
        Gate("explained", not unexplained, f"{len(unexplained)} unexplained" + _named(unexplained), "none"),
    )


def _named(ids: list[str]) -> str:
    shown = ", ".join(ids[:3])
    return f": {shown}{', ...' if len(ids) > 3 else ''}" if ids else ""
