"""`interlock doctor`: what is installed here, whether versions fit, and how to mend what does not."""

from __future__ import annotations

import argparse

from ci.context import Context
from ci.errors import CLEAN, REFUSED, UsageError
from ci.output.document import Document, Table

NAME = "doctor"
HELP = "Try every part this machine needs; refuse when a needed one does not fit. Changes nothing."
EXAMPLES = ("interlock doctor", "interlock doctor --format json")


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(chosen: argparse.Namespace, context: Context) -> Document:
    """Examine, and count what is missing."""
    from infra.local.doctor import examine

    try:
        judged = context.repository().root
    except UsageError:
        judged = context.cwd
    checks = examine(context.state(judged))
    unfit = [check for check in checks if check.is_needed and not check.is_fit]
    absent = [check for check in checks if not check.is_needed and not check.is_fit]
    rows = [
        (_mark(c.is_fit, c.is_needed), c.name, c.found, c.wanted, "" if c.is_fit else c.help) for c in checks
    ]
    return Document(
        schema="interlock.doctor/1",
        title="doctor",
        exit_code=REFUSED if unfit else CLEAN,
        summary=f"{len(unfit)} needed part(s) do not fit, {len(absent)} optional part(s) are absent",
        facts={
            "tool_root": str(context.tool_root),
            "judged_root": str(judged),
            "unfit": [c.name for c in unfit],
        },
        tables=(Table("checks", ("", "part", "found", "wanted", "help"), tuple(rows)),),
    )


def _mark(is_fit: bool, is_needed: bool) -> str:
    return "ok" if is_fit else "MISSING" if is_needed else "absent"
