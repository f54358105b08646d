"""`interlock parity`: how environments differ, key by key, each with its reason; exit 1 where one is missing."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from ci.context import Context
from ci.errors import CLEAN, REFUSED, UsageError
from ci.judging.check import check
from ci.judging.sides import WORKTREE
from ci.output.document import Document, Table
from config.desired import DesiredState
from config.schema_walk import walk
from policies.inputs import MISSING
from policies.mutated import shown
from policies.paths import dotted

NAME = "parity"
HELP = "Show how environments differ, with the recorded reason per difference."
EXAMPLES = ("interlock parity", "interlock parity staging production")
_NO_REASON = "(no reason recorded)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "environments", nargs="*", metavar="ENV", help="two or more environments (default: all)"
    )
    parser.add_argument("--ref", metavar="REF", help="look at a commit instead of the worktree")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    repository = context.repository()
    checked = check(repository, chosen.ref or WORKTREE, None, context.now())
    roots = {"tool_root": str(context.tool_root), "judged_root": str(repository.root)}
    if checked.desired is None:
        return Document("interlock.parity/1", "parity", REFUSED, checked.summary, roots, (), checked.findings)
    names = _names(chosen.environments, checked.desired)
    rows = differences(checked.desired, names)
    findings = tuple(finding for finding in checked.findings if finding.rule.startswith("PAR"))
    missing = sum(row[-1] == _NO_REASON for row in rows)
    return Document(
        schema="interlock.parity/1",
        title="parity",
        exit_code=REFUSED if missing or findings else CLEAN,
        summary=f"{len(rows)} keys differ between {', '.join(names)}; {missing} without a reason",
        facts=roots | {"head": checked.head},
        tables=(Table("differences", ("key", *names, "reason"), rows),),
        findings=findings,
        sources=checked.sources,
    )


def _names(asked: list[str], desired: DesiredState) -> tuple[str, ...]:
    unknown = [name for name in asked if name not in desired.environments]
    known = ", ".join(desired.environments)
    if unknown:
        raise UsageError(f"environment `{unknown[0]}` is not in this tree", f"environments here: {known}")
    if len(asked) == 1:
        raise UsageError("one environment differs from nothing", f"name two or more of: {known}")
    return tuple(dict.fromkeys(asked)) or tuple(desired.environments)


def differences(desired: DesiredState, names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """One row per key that differs: the key, its value in each environment, the reason."""
    leaves = [{path: value for path, value, _ in walk(desired.environments[name])} for name in names]
    reasons = {one.path.removesuffix(".*"): one.reason for one in desired.catalogue.parity.differences}
    rows = []
    for path in dict.fromkeys(path for some in leaves for path in some):
        values = [some.get(path, MISSING) for some in leaves]
        if any(value != values[0] for value in values):
            rows.append((dotted(path), *map(_cell, values), _reason(tuple(map(str, path)), reasons)))
    return tuple(rows)


def _cell(value: object) -> str:
    return "(none)" if value is MISSING else shown(value)


def _reason(words: tuple[str, ...], reasons: Mapping[str, str]) -> str:
    prefixes = (".".join(words[:length]) for length in range(len(words), 0, -1))
    return next((reasons[prefix] for prefix in prefixes if prefix in reasons), _NO_REASON)
