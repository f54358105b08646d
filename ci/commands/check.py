"""`interlock check`: may this be? Exit 0 when nothing refuses, 1 when something does."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ci.context import Context
from ci.errors import CLEAN, REFUSED, UsageError
from ci.judging.check import Checked, check
from ci.judging.part_store import PartStore, kept_parts
from ci.judging.sides import STAGED, WORKTREE
from ci.output.document import Document
from ci.output.judgement import facts, tables
from ci.output.registry import FINDINGS

NAME = "check"
HELP = "Judge the worktree, the index, or a commit; with --base, as a change of that commit."
FORMATS = FINDINGS
_NAIVE = r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?"
_INSTANT = rf"{_NAIVE}(Z|[+-]\d\d:\d\d)"
_YEARS = range(1970, 2200)
EXAMPLES = (
    "interlock check",
    "interlock check --staged",
    "interlock check my-branch --base main --format github",
    "interlock check --env production --as-of 2026-12-19T15:00:00Z",
    "interlock check --mutate",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--staged", action="store_true", help="judge what the next commit will hold")
    source.add_argument("--worktree", action="store_true", help="judge the files on disk (default)")
    source.add_argument("ref", nargs="?", metavar="REF", help="judge a commit")
    parser.add_argument(
        "--base", metavar="REF", help="judge the change since this commit (a REF: as merged into it)"
    )
    parser.add_argument("--env", metavar="NAME", help="judge one environment")
    parser.add_argument(
        "--as-of", metavar="INSTANT", help="judge as of this UTC instant, e.g. 2026-12-19T15:00:00Z"
    )
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="take nothing from earlier runs (large trees keep what they found)",
    )
    parser.add_argument("--mutate", action="store_true", help="show each dangerous value and what refuses it")
    parser.add_argument("--uncovered", action="store_true", help="show keys that only a reason guards")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    source = STAGED if chosen.staged else chosen.ref or WORKTREE
    repository = context.repository()
    now = context.now()
    keep = PartStore if chosen.no_cache else partial(_kept, context, repository.root, now)
    checked = check(repository, source, chosen.base, as_of(chosen.as_of, now), chosen.env, keep=keep)
    roots = {"tool_root": str(context.tool_root), "judged_root": str(repository.root)}
    return document(checked, roots, mutate=chosen.mutate, uncovered=chosen.uncovered)


def _kept(context: Context, judged_root: Path, now: datetime) -> PartStore:
    return kept_parts(context.state(judged_root), judged_root, context.tool_root, now)


def document(
    checked: Checked, roots: dict[str, str], *, mutate: bool = False, uncovered: bool = False
) -> Document:
    """What a check answers, for every format."""
    return Document(
        schema="interlock.check/1",
        title="check",
        exit_code=REFUSED if checked.is_refused else CLEAN,
        summary=checked.summary,
        facts=roots | facts(checked),
        tables=tables(checked, mutate=mutate, uncovered=uncovered),
        findings=checked.findings,
        sources=checked.sources,
        quiet_facts=frozenset({*roots, "counts", "rules"}),
    )


def as_of(text: str | None, now: datetime) -> datetime:
    """The instant of `--as-of`, which must say its offset, or now."""
    if text is None:
        return now
    like = "like 2026-12-19T15:00:00Z"
    if re.fullmatch(_NAIVE, text, re.ASCII):
        raise UsageError(f"`{text}` has no zone", f"write it in UTC, {like}")
    try:
        instant = datetime.fromisoformat(text if re.fullmatch(_INSTANT, text, re.ASCII) else "")
    except ValueError:
        raise UsageError(f"`{text}` is no instant", f"write it {like}") from None
    if instant.year not in _YEARS:
        raise UsageError(
            f"no calendar knows the year {instant.year}", f"write an instant of this time, {like}"
        )
    return instant.astimezone(UTC)
