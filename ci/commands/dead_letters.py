"""`interlock dead-letters`: signals that were refused, why, and how often; redrive one under today's checks."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path

from ci.context import Context
from ci.errors import UsageError
from ci.output.document import Document
from ci.reporting.journals import Declared, declared
from ci.reporting.letters import listed, redriven, still_refused
from engine.clock import micros, stamp
from engine.instruments import instruments
from engine.intake.dead_letters import DeadLetters, UnknownLetterError
from engine.intake.redrive import NotRedrivableError
from engine.intake.signal_reasons import Rejected
from engine.journal.errors import JournalRefusedError
from engine.limits import risk_limits
from engine.signals import Intake, parse_signal

NAME = "dead-letters"
HELP = (
    "List the signals an engine refused, or redrive one: it gets a new id, is judged by today's clock and limits,\n"
    "and, if it passes, is appended to a file of signals; the engine judges it once more. Exit 1 if it fails again."
)
EXAMPLES = (
    "interlock dead-letters list --env dev",
    'interlock dead-letters redrive 3f9a --env dev --operator ann --reason "feed was late" --to signals.jsonl',
)
FOLDER = "dead-letters"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=("list", "redrive"))
    parser.add_argument("key", nargs="?", help="key of a letter, or its first characters")
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--operator", default="", help="who redrives")
    parser.add_argument("--reason", default="", help="why")
    parser.add_argument("--to", type=Path, help="file of signals (JSON lines) to append to")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    is_redrive = chosen.act == "redrive"
    if is_redrive != (chosen.key is not None):
        raise UsageError(
            "`redrive` needs a key, `list` takes none", "`interlock dead-letters list` shows keys"
        )
    if is_redrive and not (chosen.operator.strip() and chosen.reason.strip()):
        raise UsageError("a redrive names its operator and a reason", "--operator NAME --reason TEXT")
    where = declared(context, chosen.env)
    folder = where.folder / FOLDER
    roots = {"tool_root": str(context.tool_root), "judged_root": str(where.root), "folder": str(folder)}
    if not folder.is_dir() and not is_redrive:
        return listed((), chosen.env, roots)
    with closing(_open(folder)) as store:
        if is_redrive:
            return _redrive(store, chosen, where, context, roots)
        return listed(store.letters(), chosen.env, roots)


def _open(folder: Path) -> DeadLetters:
    if not folder.is_dir():
        raise UsageError(f"no dead letters in {folder}", "check --env and --state")
    try:
        return DeadLetters.open(folder)
    except JournalRefusedError as error:
        raise UsageError(f"the dead letters cannot be read: {error}") from None
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}", "run this as the engine's own user") from None


def _redrive(
    store: DeadLetters, chosen: argparse.Namespace, where: Declared, context: Context, roots: dict[str, str]
) -> Document:
    at = micros(context.now())
    try:
        letter = store.letter(chosen.key)
        judged = parse_signal(store.renewed(letter.key), at, _intake(where))
    except (UnknownLetterError, NotRedrivableError) as error:
        raise UsageError(str(error)) from None
    if isinstance(judged, Rejected):
        return still_refused(letter, judged, roots)
    to = None if chosen.to is None else context.cwd / chosen.to
    try:
        intake = None if to is None else to.open("a")
    except OSError as error:
        raise UsageError(f"{to}: {error.strerror}", "nothing was redriven") from None
    payload = store.redrive(letter.key, operator=chosen.operator, reason=chosen.reason, at=at)
    record = json.dumps({"received_at": stamp(at), "signal": json.loads(payload)})
    if intake is not None:
        with intake:
            intake.write(record + "\n")
    return redriven(letter, judged, record, to, roots)


def _intake(where: Declared) -> Intake:
    environment = where.environment
    return Intake(
        account_id=environment.account.id,
        modes=frozenset({environment.venue.mode}),
        instruments=instruments(where.catalogue.instruments),
        limits=risk_limits(environment),
    )
