"""`interlock local up|down|status`: the real Redis and PostgreSQL of this machine, as an environment names them."""

from __future__ import annotations

import argparse
from pathlib import Path

from ci.context import Context
from ci.errors import CLEAN, UNREACHABLE, UnreachableError, UsageError
from ci.git import Repository
from ci.output.document import Document, Table
from config.desired import environment_file
from config.findings import Refused
from config.models.environment import Environment

NAME = "local"
HELP = "Start, stop or look at the Redis and PostgreSQL of this machine; data survives, twice is as good as once."
EXAMPLES = (
    "interlock local up",
    "interlock local up --env dev --state /tmp/try",
    "interlock local status --format json",
    "interlock local down",
    "interlock local down --discard",
)
_LOCAL = ("localhost", "127.0.0.1")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and whose ports."""
    parser.add_argument("action", choices=("up", "down", "status"))
    parser.add_argument(
        "--env", default="dev", help="whose ports and database `up` takes, at HEAD (default: dev)"
    )
    parser.add_argument(
        "--discard", action="store_true", help="with `down`: remove the data, too, and begin anew"
    )


def run(chosen: argparse.Namespace, context: Context) -> Document:
    """Do it, then tell how the servers are."""
    from infra.local import LocalError, discard, down, up

    if chosen.discard and chosen.action != "down":
        raise UsageError("--discard goes with `down` only", "`interlock local down --discard`")
    repository = context.repository()
    state = context.state(repository.root)
    try:
        if chosen.action == "up":
            place = _here(_environment(repository, chosen.env))
            databases = (place.database.name,)
            up(state, place.redis.port, place.database.port, databases, progress=context.progress)
        end = discard if chosen.discard else down
        stopped = end(state) if chosen.action == "down" else []
    except LocalError as error:
        raise UnreachableError(error.message, error.help) from error
    return _shown(chosen.action, stopped, state, repository, context)


def _environment(repository: Repository, name: str) -> Environment:
    """That one file of HEAD: the servers come up even where another file is being mended."""
    from config.reading import read_document

    file = environment_file(name)
    blob = repository.commit_tree("HEAD").read(file)
    if blob is None:
        raise UsageError(f"HEAD has no environment `{name}`", f"no file {file}")
    document = read_document(file, blob, Environment)
    if isinstance(document, Refused):
        span, said = document.findings[0].span, document.findings[0].message
        raise UsageError(f"{file}:{span.line}:{span.column} {said}", "`interlock check` says all")
    return document.value


def _here(environment: Environment) -> Environment:
    if environment.database.host not in _LOCAL or environment.redis.host not in _LOCAL:
        raise UsageError(
            f"environment `{environment.environment}` does not live on this machine",
            "`--env` of one whose database and redis are at localhost",
        )
    return environment


def _shown(
    action: str, stopped: list[str], state: Path, repository: Repository, context: Context
) -> Document:
    from infra.local import status

    servers = status(state)
    answering = sum(server.is_answering for server in servers)
    is_up = bool(servers) and answering == len(servers)
    said = {
        "up": "both answer",
        "down": f"stopped: {', '.join(stopped)}" if stopped else "nothing was running",
    }
    how = "both answer" if is_up else f"{answering} of 2 answer"
    rows = tuple(
        (
            s.name,
            "answers" if s.is_answering else "stalled" if s.pid else "down",
            str(s.pid or ""),
            str(s.port or ""),
        )
        for s in servers
    )
    return Document(
        schema="interlock.local/1",
        title=f"local {action}",
        exit_code=UNREACHABLE if action == "status" and not is_up else CLEAN,
        summary=said.get(action, how),
        facts={
            "tool_root": str(context.tool_root),
            "judged_root": str(repository.root),
            "state": str(state),
            "is_up": is_up,
        },
        tables=(Table("servers", ("server", "state", "pid", "port"), rows),),
    )
