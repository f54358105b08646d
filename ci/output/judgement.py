"""What a check found, as facts and tables that every format can show.

Never judges and never prints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ci.judging.check import Checked
from ci.output.document import Table
from policies.inputs import CATALOGUE, MISSING
from policies.paths import dotted
from policies.verdict import MutantFate, Verdict


def facts(checked: Checked) -> dict[str, Any]:
    """What was compared, which way it leads, and the numbers behind the summary."""
    found: dict[str, Any] = {"head": checked.head}
    if checked.base:
        found["base"] = checked.base
        found["judged_by"] = checked.judged_by
    verdict = checked.verdict
    if verdict is None:
        return found
    if checked.base:
        found["direction"] = verdict.direction
    if checked.notes:
        found["notes"] = list(checked.notes)
    if checked.form_only:
        found["form_only"] = list(checked.form_only)
    found["counts"] = asdict(verdict.counts.with_findings(checked.findings))
    found["rules"] = [asdict(rule) for rule in verdict.rules]
    return found


def tables(checked: Checked, *, mutate: bool, uncovered: bool) -> tuple[Table, ...]:
    """The changed keys always; mutants and reasons when asked for."""
    verdict = checked.verdict
    if verdict is None:
        return ()
    shown = []
    if verdict.changes:
        shown.append(
            Table("changes", ("where", "key", "before", "after", "direction"), tuple(_changes(verdict)))
        )
    if mutate:
        shown.append(
            Table("mutants", ("environment", "key", "kind", "value", "refused by"), tuple(_mutants(verdict)))
        )
        shown.append(
            Table(
                "mutation score", ("kind", "mutants", "refused", "reasoned", "score"), tuple(_score(verdict))
            )
        )
    if uncovered:
        shown.append(Table("guarded by reason", ("key", "kind", "reason"), tuple(_reasons(verdict))))
    return tuple(shown)


def _changes(verdict: Verdict) -> Iterator[tuple[str, ...]]:
    for change in verdict.changes:
        for key in change.keys:
            is_catalogue = change.name == CATALOGUE
            where = str(key.path[1]) if is_catalogue else change.name
            path = dotted(key.path[2:] if is_catalogue else key.path)
            yield where, path, shown(key.before), shown(key.after), key.direction


def _mutants(verdict: Verdict) -> Iterator[tuple[str, ...]]:
    for fate in verdict.mutants:
        yield fate.environment, dotted(fate.path), fate.kind, fate.value, fate.refused_by or _why(fate)


def _why(fate: MutantFate) -> str:
    return f"(reason: {fate.reason})" if fate.reason else "NOTHING"


def _score(verdict: Verdict) -> Iterator[tuple[str, ...]]:
    every = Counter(fate.kind for fate in verdict.mutants)
    refused = Counter(fate.kind for fate in verdict.mutants if fate.refused_by)
    reasoned = Counter(fate.kind for fate in verdict.mutants if not fate.refused_by and fate.reason)
    rows = [(kind, count, refused[kind], reasoned[kind]) for kind, count in sorted(every.items())]
    for kind, made, bitten, excused in (*rows, ("all", every.total(), refused.total(), reasoned.total())):
        yield kind, str(made), str(bitten), str(excused), _percent(bitten, made - excused)


def _percent(bitten: int, owed: int) -> str:
    """Never 100 while one is missing."""
    return f"{100 * bitten // owed} %" if owed else "-"


def _reasons(verdict: Verdict) -> Iterator[tuple[str, ...]]:
    found = {
        (dotted(fate.path), fate.kind, fate.reason)
        for fate in verdict.mutants
        if not fate.refused_by and fate.reason
    }
    yield from sorted(found)


def shown(value: object) -> str:
    """A value as the file would show it."""
    if value is MISSING:
        return "(none)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(shown, value))}]"
    return "null" if value is None else str(value)
