"""`interlock preview`: what would be created, changed, replaced or destroyed, and whether that may be."""

from __future__ import annotations

import argparse
from typing import Any

from ci.commands.check import as_of
from ci.context import Context
from ci.delivery.preview import Answer, Around, Asked, preview
from ci.errors import CLEAN, REFUSED
from ci.output import plan
from ci.output.document import Document, Table
from ci.output.registry import FINDINGS
from config.findings import Refused
from infra.facts.replacement import REPLACES
from infra.plan_digest import plan_digest
from infra.toolchain import CLI_VERSION
from policies.direction import riskiest

NAME = "preview"
HELP = "Show the planned resources on the real Pulumi engine; --offline needs no cloud and no credentials."
FORMATS = FINDINGS
EXAMPLES = (
    "interlock preview --env production --offline",
    "interlock preview --env production --offline --base main --prove --format markdown",
    "interlock preview --env staging",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", required=True, metavar="NAME", help="the environment")
    parser.add_argument(
        "--offline", action="store_true", help="against the stand-in cloud, without credentials"
    )
    parser.add_argument(
        "--base", metavar="REF", help="compare with what this commit would have built (offline)"
    )
    parser.add_argument(
        "--prove", action="store_true", help="also bring it up offline, and preview once more"
    )
    parser.add_argument("--as-of", metavar="INSTANT", help="judge as of this UTC instant")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    repository = context.repository()
    asked = Asked(chosen.env, chosen.base, chosen.offline, chosen.prove)
    now = as_of(chosen.as_of, context.now())
    around = Around(repository, context.state(repository.root), now, context.progress)
    answer = preview(asked, around)
    roots = {
        "tool_root": str(context.tool_root),
        "judged_root": str(repository.root),
        "environment": chosen.env,
    }
    if isinstance(answer, Refused):
        return _refusal(answer, roots)
    return _document(answer, asked, roots)


def _refusal(refused: Refused, facts: dict[str, Any]) -> Document:
    return Document(
        schema="interlock.preview/1",
        title=f"preview {facts['environment']}",
        exit_code=REFUSED,
        summary="refused before anything was planned",
        facts=facts,
        findings=refused.findings,
        quiet_facts=frozenset(facts),
    )


def _document(answer: Answer, asked: Asked, roots: dict[str, Any]) -> Document:
    events, judged = answer.previewed.preview.events, answer.judged
    counts = plan.counts(events)
    keys = [key for change in answer.changed if change.name == asked.environment for key in change.keys]
    facts = roots | {
        "engine": "offline" if asked.is_offline else "pulumi",
        "pulumi": CLI_VERSION,
        "base": answer.base,
        "direction": riskiest(keys),
        "counts": counts,
        "unknown": plan.unknown_count(events),
        "created": [step.urn for step in events.changing() if step.op == "create"],
        "plan_digest": plan_digest(events),
        "reach": judged.reach.sentence(),
        "proof": judged.proof.sentence() if judged.proof is not None else "",
        "rules_reached": list(judged.reach.reached),
        "idempotent": None if answer.previewed.again is None else answer.previewed.again.ok,
        "proves": list(plan.PROVES),
        "does_not_prove": [text.format(types=len(REPLACES)) for text in plan.DOES_NOT_PROVE]
        if asked.is_offline
        else [],
        "notes": list(answer.notes),
        "base_was_cached": answer.previewed.base_was_cached,
        "engine_seconds": round(answer.previewed.preview.seconds, 2),
    }
    quiet = frozenset({*roots, "rules_reached", "created", "counts", "base_was_cached", *_empty(facts)})
    return Document(
        schema="interlock.preview/1",
        title=f"preview {asked.environment}",
        exit_code=REFUSED if judged.is_refused else CLEAN,
        summary=_summary(counts, answer),
        facts=facts,
        tables=(
            plan.changes_table(events),
            plan.keys_table(answer.changed, asked.environment),
            *_blast(answer, asked.environment),
            plan.unknown_table(events),
            plan.policies_table(judged),
        ),
        findings=judged.findings,
        sources=answer.texts,
        quiet_facts=quiet,
    )


def _blast(answer: Answer, environment: str) -> tuple[Table, ...]:
    """Whom changed flags let in or shut out; a plan without base changes none, and loads nothing for it."""
    if answer.was is None:
        return ()
    from ci.running.flag_answers import blast_table, blasts

    return (blast_table(blasts(answer.was, answer.head, environment)),)


def _empty(facts: dict[str, Any]) -> list[str]:
    return [key for key, value in facts.items() if value in ("", None, [])]


def _summary(counts: dict[str, int], answer: Answer) -> str:
    planned = ", ".join(f"{count} {op}" for op, count in counts.items() if count)
    refusing = sum(finding.refuses for finding in answer.judged.findings)
    return f"{planned or 'no resources'}; {refusing} {'violation' if refusing == 1 else 'violations'}"
