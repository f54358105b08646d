"""`interlock flags`: what flags are, what one account gets and why, and whom a change opens or closes."""

from __future__ import annotations

import argparse
from pathlib import Path

from ci.context import Context
from ci.errors import CLEAN, UsageError
from ci.output.document import Document
from ci.running import flag_answers

NAME = "flags"
HELP = "Flags of one environment at a commit, evaluated offline exactly as an engine does: list, evaluate, explain."
EXAMPLES = (
    "interlock flags list --env production",
    "interlock flags evaluate live_trading_enabled --env staging --account ACCT-STG-1",
    "interlock flags explain paper_trading_enabled --env dev --account ACCT-DEV-1 --ref main~3",
    "interlock flags blast-radius --env production --base main --ref my-branch --accounts accounts.txt",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", choices=("list", "evaluate", "explain", "blast-radius"))
    parser.add_argument("flag", nargs="?", help="the flag (evaluate, explain)")
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--ref", default="HEAD", help="the commit (default: HEAD)")
    parser.add_argument("--base", default="", help="the commit to compare with (blast-radius)")
    parser.add_argument("--account", help="the account (evaluate, explain); without it the safe value shows")
    parser.add_argument("--accounts", type=Path, help="file with one account a line (blast-radius)")
    parser.add_argument(
        "--kill", action="append", default=[], help="as if this scope were killed (repeatable)"
    )
    parser.add_argument("--venue", choices=("paper", "sandbox", "live"), help="kind of the wired venue")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    repository = context.repository()
    at = flag_answers.At(repository, chosen.env, chosen.ref, chosen.venue)
    match chosen.question:
        case "list":
            facts, tables, summary = flag_answers.listed(at)
        case "blast-radius":
            if not chosen.base:
                raise UsageError("blast-radius compares two commits", "name the older one with --base")
            facts, tables, summary = flag_answers.blasted(at, chosen.base, chosen.accounts)
        case _:
            if not chosen.flag:
                raise UsageError(f"{chosen.question} needs a flag", "interlock flags list names them")
            shows_steps = chosen.question == "explain"
            facts, tables, summary = flag_answers.answered(
                at, chosen.flag, chosen.account, chosen.kill, shows_steps=shows_steps
            )
    roots = {"tool_root": str(context.tool_root), "judged_root": str(repository.root)}
    return Document(
        schema="interlock.flags/1",
        title=f"flags of {chosen.env}",
        exit_code=CLEAN,
        summary=summary,
        facts={**roots, "environment": chosen.env, **facts},
        tables=tables,
    )
