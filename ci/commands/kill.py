"""`interlock kill`: stop trading at once, by a file the engine watches and by Redis; either one is enough."""

from __future__ import annotations

import argparse
import getpass
import re

from ci.context import Context
from ci.errors import CLEAN, UNREACHABLE, InterlockError, UsageError
from ci.output.document import Document
from ci.running.stop import Kill, Pulled, engine_folder, pull

NAME = "kill"
HELP = (
    "Stop trading at once: no new risk leaves, entries are cancelled, protective exits stay. Writes a trip file\n"
    "and the kill key in Redis; one is enough. It ends only with a merged entry in config/records/releases.yaml."
)
EXAMPLES = (
    'interlock kill --env production --reason "fills do not match the broker"',
    "interlock kill --env staging --scope account:ACCT-STG-1",
)
_SCOPE = r"global|(account|flag|strategy):[A-Za-z0-9_-]{1,63}"
_ENVIRONMENT = "[a-z][a-z0-9-]{0,30}"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--scope", default="global", help="global, account:A, strategy:S or flag:K")
    parser.add_argument("--reason", default="", help="why, for the record")
    parser.add_argument("--person", default="", help="who (default: the user of this machine)")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    if not re.fullmatch(_SCOPE, chosen.scope):
        raise UsageError(f"`{chosen.scope}` is no scope", "global, account:A, strategy:S or flag:K")
    if not re.fullmatch(_ENVIRONMENT, chosen.env):
        raise UsageError(
            f"`{chosen.env}` is no environment", "give the name of a file in config/environments/"
        )
    kill = Kill(chosen.env, chosen.scope, chosen.person or getpass.getuser(), chosen.reason, context.now())
    try:
        root = context.repository().root
    except InterlockError:
        if context.state_option is None:
            raise
        root = context.cwd
    folder = engine_folder(context.state(root), chosen.env)
    pulled = pull(kill, folder, context.cwd)
    facts = {"tool_root": str(context.tool_root), "judged_root": str(root), "environment": kill.environment}
    return Document(
        schema="interlock.kill/1",
        title=f"kill of {chosen.env}",
        exit_code=UNREACHABLE if pulled.is_nothing else CLEAN,
        summary=_summary(kill, pulled),
        facts={
            **facts,
            "scope": kill.scope,
            "epoch": pulled.epoch,
            "folder": str(folder),
            "file": not pulled.file_error,
            "file_error": pulled.file_error,
            "redis": not pulled.redis_error,
            "redis_error": pulled.redis_error,
        },
    )


def _summary(kill: Kill, pulled: Pulled) -> str:
    by_file = f"file NOT written ({pulled.file_error})" if pulled.file_error else "file written"
    by_redis = f"Redis NOT written ({pulled.redis_error})" if pulled.redis_error else "Redis written"
    if pulled.is_nothing:
        return f"nothing was killed: {by_file}; {by_redis}"
    way_out = f"it ends with a merged release of {kill.scope} naming epoch {pulled.epoch} or more"
    return f"{kill.scope} is killed under epoch {pulled.epoch}: {by_file}; {by_redis}; {way_out}"
