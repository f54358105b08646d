"""`interlock promote`: copy values from one environment to the next tier's, as a commit on a branch, checked."""

from __future__ import annotations

import argparse

from ci.context import Context
from ci.delivery.forward import Prepared, promote
from ci.delivery.history import text_of
from ci.errors import CLEAN, REFUSED
from ci.git import Repository
from ci.judging.check import check
from ci.output.document import Document, Table
from config.document import dotted
from config.findings import Refused

NAME = "promote"
HELP = "Copy values one tier up, one line per key, as a commit on a new branch; then check that commit."
EXAMPLES = (
    "interlock promote --from dev --to staging flags.advanced_ux_features",
    "interlock promote --from staging --to production strategy.parameters --branch tune-strategy",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="source", required=True, help="the environment that has the values")
    parser.add_argument("--to", dest="target", required=True, help="the environment of the next tier")
    parser.add_argument(
        "keys", nargs="+", metavar="KEY", help="a key, or a section of keys, joined with dots"
    )
    parser.add_argument("--branch", help="name of the new branch (default: promote-TO-COMMIT)")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    repository = context.repository()
    branch = chosen.branch or f"promote-{chosen.target}-{repository.resolve('HEAD')[:12]}"
    prepared = promote(repository, chosen.source, chosen.target, chosen.keys, branch)
    return answer(prepared, NAME, f"promote {chosen.source} to {chosen.target}", repository, context)


def answer(
    prepared: Prepared | Refused, verb: str, title: str, repository: Repository, context: Context
) -> Document:
    """What was prepared, and what `check` says of it."""
    schema, roots = (
        f"interlock.{verb}/1",
        {"tool_root": str(context.tool_root), "judged_root": str(repository.root)},
    )
    if isinstance(prepared, Refused):
        summary = "refused by the writer; no branch was made"
        return Document(schema, title, REFUSED, summary, roots, findings=prepared.findings)
    context.progress(f"checking commit {prepared.commit[:12]}")
    checked = check(repository, prepared.commit, prepared.base, context.now())
    verdict = (
        "`check` refuses it as it stands" if checked.is_refused else "`check` passes; open a pull request"
    )
    return Document(
        schema=schema,
        title=title,
        exit_code=REFUSED if checked.is_refused else CLEAN,
        summary=f"{len(prepared.edits)} line(s) changed on branch {prepared.branch}; {verdict}",
        facts=roots | {"branch": prepared.branch, "commit": prepared.commit, "base": prepared.base},
        tables=(
            Table(
                "keys",
                ("key", "before", "after"),
                tuple(
                    (dotted(each.path), text_of(each.before), text_of(each.after)) for each in prepared.edits
                ),
            ),
        ),
        findings=checked.findings,
        sources=checked.sources,
    )
