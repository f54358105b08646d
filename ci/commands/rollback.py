"""`interlock rollback`: an environment's earlier values as a new commit on a branch, checked like any change."""

from __future__ import annotations

import argparse

from ci.commands.promote import answer
from ci.context import Context
from ci.delivery.forward import rollback
from ci.output.document import Document

NAME = "rollback"
HELP = "Restore the values an environment had at an earlier commit, as a new commit on a new branch; then check it."
EXAMPLES = (
    "interlock rollback --env production --to 3f1c…(commit id)",
    "interlock rollback --env staging --to HEAD~3 --branch undo-ramp",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument(
        "--to", required=True, metavar="REF", help="the earlier commit whose values come back"
    )
    parser.add_argument("--branch", help="name of the new branch (default: rollback-ENV-COMMIT)")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    repository = context.repository()
    branch = chosen.branch or f"rollback-{chosen.env}-{repository.resolve(chosen.to)[:12]}"
    prepared = rollback(repository, chosen.env, chosen.to, branch)
    return answer(prepared, NAME, f"roll {chosen.env} back", repository, context)
