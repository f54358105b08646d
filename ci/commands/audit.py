"""`interlock audit who|when|history|verify`: an auditor's questions, answered from Git and the ledger."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from ci.context import Context
from ci.delivery import ledger_head
from ci.delivery.history import Version, history, parse_key
from ci.delivery.ledger import Entry
from ci.delivery.proof import discrepancies
from ci.delivery.provenance import untouched_history
from ci.delivery.reading import ledger_rows
from ci.delivery.source import Source
from ci.errors import CLEAN, REFUSED, UnreachableError, UsageError
from ci.git import Repository
from ci.output.document import Document, Table

NAME = "audit"
HELP = (
    "Who changed a value, when, and since when it runs; or whether ledger and Git still tell the same story."
)
EXAMPLES = (
    "interlock audit who flags.live_trading_enabled.enabled --env production",
    "interlock audit history limits.max_order_value --env production",
    "interlock audit verify --env production",
)
_COLUMNS = ("commit", "before", "after", "running since", "committer's date", "author (own word)", "subject")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", choices=("who", "when", "history", "verify"))
    parser.add_argument("key", nargs="?", help="a key of the environment file, joined with dots")
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--ref", default="HEAD", help="whose first-parent line is walked (default: HEAD)")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    repository = context.repository()
    facts = {
        "tool_root": str(context.tool_root),
        "judged_root": str(repository.root),
        "environment": chosen.env,
    }
    cut = untouched_history(repository)
    if cut:
        summary = "no answer: this clone cannot show the history that was pushed"
        return Document("interlock.audit/1", f"audit {chosen.env}", REFUSED, summary, facts, findings=cut)
    if chosen.question == "verify":
        return _verify(chosen, context, repository, facts)
    if not chosen.key:
        raise UsageError(f"`audit {chosen.question}` needs a key", f"e.g. {EXAMPLES[0]}")
    rows, note = _rows(chosen, context, repository)
    found = history(repository, chosen.ref, chosen.env, parse_key(chosen.key), rows)
    shown = found if chosen.question == "history" else found[:1]
    return Document(
        schema="interlock.audit/1",
        title=f"audit {chosen.question} {chosen.key} in {chosen.env}",
        exit_code=CLEAN,
        summary=_summary(found[0], chosen.key) + note,
        facts=facts | {"key": chosen.key, "value": found[0].after, "changes": len(found)},
        tables=(Table("changes", _COLUMNS, tuple(map(_row, shown))),),
    )


def _verify(
    chosen: argparse.Namespace, context: Context, repository: Repository, facts: dict[str, Any]
) -> Document:
    state = context.state(repository.root)
    rows = ledger_rows(repository, chosen.ref, chosen.env, state)
    source = Source(repository, chosen.env)
    outside = ledger_head.load(state, chosen.env)
    found = discrepancies(source, repository.first_parents(chosen.ref), rows, outside)
    return Document(
        schema="interlock.audit/1",
        title=f"audit verify {chosen.env}",
        exit_code=REFUSED if found else CLEAN,
        summary=f"{len(found)} discrepancies"
        if found
        else f"{len(rows)} ledger row(s) agree with Git, recomputed",
        facts=facts | {"rows": len(rows)},
        tables=(Table("discrepancies", ("what",), tuple((each,) for each in found)),) if found else (),
    )


def _rows(
    chosen: argparse.Namespace, context: Context, repository: Repository
) -> tuple[Sequence[Entry], str]:
    """The ledger's rows; `who` and `history` answer from Git alone when it cannot be reached, and say so."""
    try:
        return ledger_rows(repository, chosen.ref, chosen.env, context.state(repository.root)), ""
    except UnreachableError as error:
        if chosen.question == "when":
            raise
        return (), f" (the ledger was not reached, so since when it runs is unknown: {error.message})"


def _summary(newest: Version, key: str) -> str:
    since = f"; runs since {newest.effective}" if newest.effective else "; the ledger knows no run of it"
    return f"{key} is {newest.after} by commit {newest.facts.commit[:12]} of {newest.facts.author}{since}"


def _row(version: Version) -> tuple[str, ...]:
    facts = version.facts
    return (
        facts.commit[:12],
        version.before,
        version.after,
        version.effective or "never",
        facts.committed_at,
        facts.author,
        facts.subject,
    )
