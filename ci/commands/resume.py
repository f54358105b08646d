"""`interlock resume`: end a suspension; the next reconcile looks at everything anew."""

from __future__ import annotations

import argparse

from ci.commands.suspend import answer, arguments
from ci.context import Context
from ci.delivery import record
from ci.output.document import Document

NAME = "resume"
HELP = "Restart reconciling an environment; the next reconcile judges and compares everything anew."
EXAMPLES = ('interlock resume --env production --reason "incident 42 is closed"',)

__all__ = ["EXAMPLES", "HELP", "NAME", "arguments", "run"]


def run(chosen: argparse.Namespace, context: Context) -> Document:
    return answer(chosen, context, record.RESUME)
