"""`interlock reconcile`: what differs between a commit and the world, and with --apply, no longer."""

from __future__ import annotations

import argparse
import re
import time
from dataclasses import asdict
from typing import Any

from ci.context import Context
from ci.delivery.cloud import Cloud, NoCloud
from ci.delivery.deliver import Answer, Request, Surroundings, deliver
from ci.delivery.gate import Judged
from ci.delivery.history import text_of
from ci.errors import CLEAN, DIFFERS, REFUSED
from ci.git import CommitTree, Repository
from ci.output.document import Document, Table
from config.document import dotted
from config.findings import Refused
from config.models.environment import Environment

NAME = "reconcile"
HELP = "Show what differs between a commit and the world (exit 4 if anything); with --apply, converge."
EXAMPLES = (
    "interlock reconcile --env dev",
    "interlock reconcile --env dev --apply",
    "interlock reconcile --env production --commit 3f1c…(40 hex) --apply",
)
_SHOWN_STEPS = 8


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--commit", help="full commit id (default: HEAD, resolved once)")
    parser.add_argument(
        "--plan",
        type=_digest,
        metavar="DIGEST",
        help="refuse unless the plan of the cloud is this approved one",
    )
    parser.add_argument(
        "--apply", action="store_true", help="make the world match; without it nothing is written"
    )


def _digest(text: str) -> str:
    if re.fullmatch(r"[0-9a-f]{64}", text) is None:
        raise argparse.ArgumentTypeError(
            f"`{text}` is no plan digest: 64 hexadecimal digits, see `plan_digest`"
        )
    return text


def run(chosen: argparse.Namespace, context: Context) -> Document:
    repository = context.repository()
    around = Surroundings(
        repository=repository,
        state=context.state(repository.root),
        judge=lambda commit, base, environment: _judge(repository, context, commit, base, environment),
        now=context.now,
        wait=time.sleep,
        progress=context.progress,
        cloud=lambda tree, environment: _cloud(tree, environment, context, repository),
    )
    answer = deliver(Request(chosen.env, chosen.commit, chosen.apply, chosen.plan), around)
    roots = {"tool_root": str(context.tool_root), "judged_root": str(repository.root)}
    if isinstance(answer, Refused):
        return _refusal(answer, roots, chosen, repository)
    return _document(answer, roots, chosen.apply)


def _judge(
    repository: Repository, context: Context, commit: str, base: str | None, environment: str
) -> Judged:
    from ci.judging.check import check

    checked = check(repository, commit, base, context.now())
    return Judged(
        checked.findings, checked.is_refused, checked.policy_record(context.tool_root), checked.summary
    )


def _cloud(tree: CommitTree, environment: Environment, context: Context, repository: Repository) -> Cloud:
    if environment.service.compute == "local":
        return NoCloud()
    from ci.delivery.stack import cloud_of

    return cloud_of(tree, environment, context.state(repository.root), context.progress, context.now())


def _refusal(
    refused: Refused, facts: dict[str, Any], chosen: argparse.Namespace, repository: Repository
) -> Document:
    files = {finding.span.file for finding in refused.findings}
    tree = repository.commit_tree(chosen.commit or "HEAD")
    blobs = {file: tree.read(file) for file in sorted(files) if file.startswith("config/")}
    count = len(refused.findings)
    return Document(
        schema="interlock.reconcile/1",
        title=f"reconcile {chosen.env}",
        exit_code=REFUSED,
        summary=f"refused for {count} {'reason' if count == 1 else 'reasons'}; nothing was written",
        facts=facts | {"environment": chosen.env, "applied": chosen.apply},
        findings=refused.findings,
        sources={file: blob.data.decode(errors="replace") for file, blob in blobs.items() if blob},
        quiet_facts=frozenset(facts) | {"environment", "applied"},
    )


def _document(answer: Answer, roots: dict[str, Any], is_applied: bool) -> Document:
    plan, done = answer.plan, answer.done
    is_nothing = plan.is_empty and not plan.held
    looked = f"not looked at: {plan.unlooked}" if plan.unlooked else done.cloud if done else ""
    facts = roots | {
        "environment": answer.environment.environment,
        "commit": answer.commit,
        "bundle": answer.bundle.digest,
        "check": answer.judged.summary,
        "held": plan.held,
        "healed" if is_applied else "not_ours": plan.distrust,
        "cloud": looked,
        "notes": list(answer.notes),
        "ledger_head": f"{answer.ledger.seq}:{answer.ledger.hash}",
        "nothing_to_do": is_nothing,
        "applied": is_applied,
        "generation": _generation(answer),
        "published": [publication.generation for publication in done.published] if done else [],
        "plan_digest": plan.cloud_plan,
        "drift": [asdict(drifted) for drifted in plan.cloud],
        "migrations": list(done.migrated if done else plan.migrations),
        "receipt": done.receipt if done else 0,
    }
    quiet = {
        *roots,
        "environment",
        "commit",
        "nothing_to_do",
        "applied",
        "published",
        "migrations",
        "receipt",
    }
    return Document(
        schema="interlock.reconcile/1",
        title=f"reconcile {answer.environment.environment} to {answer.commit[:12]}",
        exit_code=REFUSED if plan.cloud_refusals else CLEAN if is_applied or is_nothing else DIFFERS,
        summary=_summary(answer, is_applied),
        facts=facts,
        tables=tuple(table for table in (_keys(answer), _world(answer)) if table.rows),
        findings=answer.judged.findings + plan.cloud_findings,
        quiet_facts=frozenset(quiet | {name for name, value in facts.items() if value in ("", [], 0)}),
    )


def _generation(answer: Answer) -> int:
    if answer.done and answer.done.published:
        return answer.done.published[-1].generation
    return answer.plan.current.generation if answer.plan.current else 0


def _summary(answer: Answer, is_applied: bool) -> str:
    plan, held = answer.plan, f"; {answer.plan.held}" if answer.plan.held else ""
    where = f"{answer.environment.environment} to {answer.commit[:12]}"
    if answer.done is not None:
        count = len(answer.done.published)
        snapshots = "1 snapshot" if count == 1 else f"{count} snapshots"
        return f"converged {where}: {snapshots} published, receipt {answer.done.receipt} written{held}"
    if plan.is_empty and held:
        return f"nothing to do now{held}"
    if plan.is_empty:
        return f"nothing to do: {answer.environment.environment} is at {answer.commit[:12]}"
    count = len(_world(answer).rows)
    differs = f"{count} {'thing differs' if count == 1 else 'things differ'}{held}"
    if refusals := len(plan.cloud_refusals):
        why = "1 reason" if refusals == 1 else f"{refusals} reasons"
        return f"{differs}; the plan of the cloud is refused for {why}, `--apply` will not bring it up"
    return f"{differs}; `--apply` converges {where}"


def _keys(answer: Answer) -> Table:
    is_new = not answer.record.running
    rows = tuple(
        (dotted(change.path), text_of(change.before), text_of(change.after), change.direction)
        for change in answer.changes
        if not (is_new and change.direction == "neutral")
    )
    return Table("keys that change", ("key", "before", "after", "direction"), rows)


def _world(answer: Answer) -> Table:
    plan = answer.plan
    shown = f"generation {plan.current.generation}" if plan.current else plan.distrust or "nothing published"
    rows = [
        ("flags", shown, f"{_which(snapshot.commits)}, {when}")
        for when, snapshot in (("at once", plan.first), ("when the rest is through", plan.target))
        if snapshot is not None
    ]
    if plan.held:
        rows.append(("flags", shown, f"target alone {plan.held}"))
    rows += [("redis key", f"{foreign.key}: {foreign.why}", "gone") for foreign in plan.foreign]
    rows += [("schemas", "missing", step) for step in _few(plan.migrations)]
    rows += [
        (
            "cloud",
            f"{drifted.urn.rsplit('::', 1)[-1]} {drifted.key}: {drifted.found}".rstrip(),
            drifted.expected,
        )
        for drifted in plan.cloud
    ]
    if plan.unlooked:
        rows.append(("cloud", "not looked at", plan.unlooked))
    if plan.is_receipt_due:
        last = f"receipt of {answer.record.receipt.target[:12]}" if answer.record.receipt else "no receipt"
        wanted = f"receipt of {answer.commit[:12]}"
        rows.append(("ledger", last, f"one more {wanted}" if wanted == last else wanted))
    return Table(
        "what differs" if answer.done is None else "what differed", ("part", "now", "wanted"), tuple(rows)
    )


def _few(steps: tuple[str, ...]) -> tuple[str, ...]:
    if len(steps) <= _SHOWN_STEPS:
        return steps
    return (*steps[: _SHOWN_STEPS - 1], f"and {len(steps) - _SHOWN_STEPS + 1} more")


def _which(commits: tuple[str, ...]) -> str:
    names = [commit[:12] for commit in commits]
    return names[0] if len(names) == 1 else f"the safest of {', '.join(names)}"
