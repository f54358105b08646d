"""`interlock kill`: stop trading at once, by a file the engine watches and by Redis; either one is enough."""

from __future__ import annotations

import argparse
import getpass
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci.context import Context
from ci.errors import CLEAN, REFUSED, UNREACHABLE, InterlockError, UsageError
from ci.output.document import Document
from ci.running.stop import Kill, Pulled, engine_folder, pull

if TYPE_CHECKING:
    from ci.running.flat import Flat

NAME = "kill"
HELP = (
    "Stop trading at once: no new risk leaves, entries are cancelled, protective exits stay. Writes a trip file\n"
    "and the kill key in Redis; one is enough. It ends only with a merged entry in config/records/releases.yaml.\n"
    "With --flatten it also closes every position, by the running engine or by one held for it, and waits for the\n"
    "proof: exit 1 when the account is not flat. An exit of unknown fate blocks its symbol until two people say, with\n"
    "--confirm-unknown, that the venue does not have it."
)
EXAMPLES = (
    'interlock kill --env production --reason "fills do not match the broker"',
    "interlock kill --env staging --scope account:ACCT-STG-1",
    'interlock kill --env production --flatten --reason "exchange closes early"',
    "interlock kill --env production --flatten --confirm-unknown AAPL --person ann --approver bob --reason "
    '"broker: never arrived"',
)
_SCOPE = r"global|(account|flag|strategy):[A-Za-z0-9_-]{1,63}"
_ENVIRONMENT = "[a-z][a-z0-9-]{0,30}"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--scope", default="global", help="global, account:A, strategy:S or flag:K")
    parser.add_argument("--reason", default="", help="why, for the record")
    parser.add_argument("--person", default="", help="who (default: the user of this machine)")
    parser.add_argument("--flatten", action="store_true", help="close every position and prove it")
    parser.add_argument(
        "--confirm-unknown",
        nargs="*",
        metavar="SYMBOL",
        help="orders of unknown fate, of these symbols or all, are dead: --person and --approver say so",
    )
    parser.add_argument("--approver", default="", help="the second person of --confirm-unknown")
    parser.add_argument(
        "--wait", type=float, default=60.0, help="seconds to wait for the proof (default: 60)"
    )


def run(chosen: argparse.Namespace, context: Context) -> Document:
    _check(chosen)
    kill = Kill(chosen.env, chosen.scope, chosen.person or getpass.getuser(), chosen.reason, context.now())
    try:
        root = context.repository().root
    except InterlockError:
        if context.state_option is None:
            raise
        root = context.cwd
    folder = engine_folder(context.state(root), chosen.env)
    pulled = pull(kill, folder, context.cwd)
    flat = _flatten(chosen, context, kill, pulled, folder) if chosen.flatten else None
    return _answer(
        kill, pulled, flat, folder, {"tool_root": str(context.tool_root), "judged_root": str(root)}
    )


def _check(chosen: argparse.Namespace) -> None:
    """Everything about the words before anything is done."""
    if not re.fullmatch(_SCOPE, chosen.scope):
        raise UsageError(f"`{chosen.scope}` is no scope", "global, account:A, strategy:S or flag:K")
    if not re.fullmatch(_ENVIRONMENT, chosen.env):
        raise UsageError(
            f"`{chosen.env}` is no environment", "give the name of a file in config/environments/"
        )
    if chosen.flatten and not re.match("global|account:", chosen.scope):
        raise UsageError(
            f"--flatten closes an account, not `{chosen.scope}`", "give scope global or account:A"
        )
    if chosen.flatten and not (math.isfinite(chosen.wait) and 0 < chosen.wait <= 86_400):
        raise UsageError(f"--wait {chosen.wait} is no time to wait", "seconds, more than 0, a day at most")
    if chosen.confirm_unknown is not None:
        _check_confirmation(chosen)


def _check_confirmation(chosen: argparse.Namespace) -> None:
    people = {chosen.person.strip().casefold(), chosen.approver.strip().casefold()}
    if not chosen.flatten:
        raise UsageError("--confirm-unknown belongs to --flatten", "it lets a blocked flatten go on")
    if len(people) != 2 or "" in people or not chosen.reason.strip():
        raise UsageError(
            "--confirm-unknown needs two people and a reason",
            "--person A --approver B --reason TEXT, after both looked at the venue",
        )


def _flatten(chosen: argparse.Namespace, context: Context, kill: Kill, pulled: Pulled, folder: Path) -> Flat:
    from ci.commands.engine import SystemClock
    from ci.running.assembly import Order
    from ci.running.flat import flatten
    from engine.flags.heads import at_text
    from engine.killing.flatten_request import FlattenRequest

    confirms = chosen.confirm_unknown is not None
    request = FlattenRequest(
        pulled.heard,
        kill.person,
        kill.reason,
        at_text(kill.at),
        chosen.approver if confirms else "",
        confirms,
        tuple(chosen.confirm_unknown or ()),
    )

    def order() -> Order:
        repository = context.repository()
        return Order(
            chosen.env,
            repository,
            folder.parents[1],
            SystemClock(),
            lambda event, facts: context.progress(event),
        )

    return flatten(folder, request, order, chosen.wait)


def _answer(kill: Kill, pulled: Pulled, flat: Flat | None, folder: Path, roots: dict[str, str]) -> Document:
    code = UNREACHABLE if pulled.is_nothing else CLEAN
    facts: dict[str, Any] = {**roots, "environment": kill.environment, "scope": kill.scope}
    written = {
        "epoch": pulled.epoch,
        "folder": str(folder),
        "file": not pulled.file_error,
        "file_error": pulled.file_error,
        "redis": not pulled.redis_error,
        "redis_error": pulled.redis_error,
    }
    summary = _summary(kill, pulled)
    if flat is not None:
        code = code or (CLEAN if flat.is_flat else REFUSED)
        keys = ("residue", "blocked", "unknown", "working")
        written |= {"flat": flat.is_flat, **{key: flat.found.get(key, {}) for key in keys}}
        summary += f"; {_said(flat)}"
    return Document(
        schema="interlock.kill/1",
        title=f"kill of {kill.environment}",
        exit_code=code,
        summary=summary,
        facts={**facts, **written},
    )


def _said(flat: Flat) -> str:
    if flat.is_flat:
        return f"FLAT: {flat.why}" if flat.why else "FLAT: the venue said so three times"
    found = flat.found
    residue = ", ".join(f"{symbol} {units}" for symbol, units in found.get("residue", {}).items())
    blocked = ", ".join(found.get("blocked", ()))
    return (
        f"NOT FLAT: {flat.why}"
        + (f"; still open: {residue}" if residue else "")
        + (f"; blocked by exits of unknown fate: {blocked} (--confirm-unknown)" if blocked else "")
    )


def _summary(kill: Kill, pulled: Pulled) -> str:
    by_file = f"file NOT written ({pulled.file_error})" if pulled.file_error else "file written"
    by_redis = f"Redis NOT written ({pulled.redis_error})" if pulled.redis_error else "Redis written"
    if pulled.is_nothing:
        return f"nothing was killed: {by_file}; {by_redis}"
    way_out = f"it ends with a merged release of {kill.scope} naming epoch {pulled.epoch} or more"
    return f"{kill.scope} is killed under epoch {pulled.epoch}: {by_file}; {by_redis}; {way_out}"
