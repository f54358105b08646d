"""`interlock reconcile`: what differs between a commit and the world, and with --apply, no longer."""

from __future__ import annotations

import argparse
import time
from typing import Any

from ci.context import Context
from ci.delivery.deliver import Answer, Request, Surroundings, deliver
from ci.delivery.gate import Judged
from ci.errors import CLEAN, DIFFERS, REFUSED
from ci.git import Repository
from ci.output.document import Document, Table
from config.document import dotted
from config.findings import Refused
from policies.inputs import MISSING

NAME = "reconcile"
HELP = "Show what differs between a commit and the world (exit 4 if anything); with --apply, converge."
EXAMPLES = (
    "interlock reconcile --env dev",
    "interlock reconcile --env dev --apply",
    "interlock reconcile --env production --commit 3f1c…(40 hex) --apply",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--commit", help="full commit id (default: HEAD, resolved once)")
    parser.add_argument(
        "--apply", action="store_true", help="make the world match; without it nothing is written"
    )


def run(chosen: argparse.Namespace, context: Context) -> Document:
    repository = context.repository()
    around = Surroundings(
        repository=repository,
        state=context.state(repository.root),
        judge=lambda commit, base, environment: _judge(repository, context, commit, base, environment),
        now=context.now,
        wait=time.sleep,
        progress=context.progress,
    )
    answer = deliver(Request(chosen.env, chosen.commit, chosen.apply), around)
    roots = {"tool_root": str(context.tool_root), "judged_root": str(repository.root)}
    if isinstance(answer, Refused):
        return _refusal(answer, roots, chosen.env)
    return _document(answer, roots, chosen.apply)


def _judge(
    repository: Repository, context: Context, commit: str, base: str | None, environment: str
) -> Judged:
    raise NotImplementedError


def _refusal(refused: Refused, facts: dict[str, Any], environment: str) -> Document:
    return Document(
        schema="interlock.reconcile/1",
        title=f"reconcile {environment}",
        exit_code=REFUSED,
        summary=f"refused for {len(refused.findings)} reason(s); nothing was written",
        facts=facts,
        findings=refused.findings,
    )


def _document(answer: Answer, roots: dict[str, Any], is_applied: bool) -> Document:
    plan = answer.plan
    facts = roots | {
        "environment": answer.environment.environment,
        "commit": answer.commit,
        "bundle": answer.bundle.digest,
        "generation": plan.current.generation if plan.current else 0,
        "held": plan.held,
        "ledger_head": f"{answer.ledger.seq} {answer.ledger.hash}",
        "nothing_to_do": plan.is_empty and not plan.held,
        "applied": is_applied,
        "receipt": answer.done.receipt if answer.done else 0,
        "published": [publication.generation for publication in answer.done.published] if answer.done else [],
        "notes": list(answer.notes),
    }
    return Document(
        schema="interlock.reconcile/1",
        title=f"reconcile {answer.environment.environment} to {answer.commit[:12]}",
        exit_code=CLEAN if is_applied or facts["nothing_to_do"] else DIFFERS,
        summary=_summary(answer, is_applied),
        facts=facts,
        tables=tuple(table for table in (_keys(answer), _world(answer)) if table.rows),
        findings=answer.judged.findings,
        quiet_facts=frozenset(
            {*roots, "nothing_to_do", "applied", "published", "receipt", "environment", "commit"}
        ),
    )


def _summary(answer: Answer, is_applied: bool) -> str:
    plan, held = answer.plan, f"; {answer.plan.held}" if answer.plan.held else ""
    if plan.is_empty:
        return (
            f"nothing to do: {answer.environment.environment} is at {answer.commit[:12]}{held}"
            if not held
            else (f"nothing to do now{held}")
        )
    if answer.done is None:
        return f"{len(_world(answer).rows)} thing(s) differ{held}; `--apply` converges"
    count = len(answer.done.published)
    return f"converged: {count} snapshot(s) published, receipt {answer.done.receipt} written{held}"


def _keys(answer: Answer) -> Table:
    rows = tuple(
        (dotted(change.path), _text(change.before), _text(change.after), change.direction)
        for change in answer.changes
    )
    return Table("keys that change", ("key", "before", "after", "direction"), rows)


def _world(answer: Answer) -> Table:
    plan = answer.plan
    shown = f"generation {plan.current.generation}" if plan.current else plan.distrust or "nothing published"
    rows = [
        ("flags", shown, f"{_which(snapshot.commits)} ({word})")
        for word, snapshot in (("at once", plan.first), ("after the rest", plan.target))
        if snapshot is not None
    ]
    if plan.held:
        rows.append(("flags", shown, f"target alone {plan.held}"))
    rows += [("redis key", f"{foreign.key}: {foreign.why}", "gone") for foreign in plan.foreign]
    rows += [("schema", "missing", step) for step in plan.migrations]
    if plan.is_receipt_due:
        last = f"receipt of {answer.record.receipt.target[:12]}" if answer.record.receipt else "no receipt"
        rows.append(("ledger", last, f"receipt of {answer.commit[:12]}"))
    return Table("what differs", ("part", "now", "wanted"), tuple(rows))


def _which(commits: tuple[str, ...]) -> str:
    names = [commit[:12] for commit in commits]
    return names[0] if len(names) == 1 else f"the safest of {', '.join(names)}"


def _text(value: object) -> str:
    if value is MISSING:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return "null" if value is None else str(value)
