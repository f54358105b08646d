"""`interlock suspend`: no reconcile changes this environment until `interlock resume`."""

from __future__ import annotations

import argparse
import getpass

from ci.context import Context
from ci.delivery import record
from ci.delivery.ledger import instant
from ci.delivery.suspension import change
from ci.errors import CLEAN
from ci.output.document import Document

NAME = "suspend"
HELP = "Stop reconciling an environment; what runs there keeps running (to stop trading: `interlock kill`)."
EXAMPLES = ('interlock suspend --env production --reason "incident 42"',)
KIND = record.SUSPEND


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--reason", required=True, help="why, for whoever reads the ledger")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    return answer(chosen, context, KIND)


def answer(chosen: argparse.Namespace, context: Context, kind: str) -> Document:
    """The row that was written, whichever of the two verbs wrote it."""
    repository = context.repository()
    state = context.state(repository.root)
    entry = change(repository, state, chosen.env, kind, getpass.getuser(), chosen.reason, context.now())
    done = "suspended" if kind == record.SUSPEND else "resumed"
    return Document(
        schema=f"interlock.{kind}/1",
        title=f"{kind} {chosen.env}",
        exit_code=CLEAN,
        summary=f"reconciling of {chosen.env} is {done} (ledger row {entry.seq})",
        facts={
            "tool_root": str(context.tool_root),
            "judged_root": str(repository.root),
            "environment": chosen.env,
            "person": entry.content["person"],
            "reason": entry.content["reason"],
            "at": instant(entry.at),
        },
    )
