"""`interlock supervise`: the dead man's switch of an engine, as a process of its own."""

from __future__ import annotations

import argparse
import math
import re
import time
from threading import Event

from ci.context import Context
from ci.errors import CLEAN, InterlockError, UsageError
from ci.output.document import Document
from ci.output.lines import LineLog
from ci.output.registry import STREAM
from ci.running.stop import engine_folder
from ci.running.stopping import Stop
from engine.killing.supervisor import MISSED_SECONDS, Pulse, Supervisor

NAME = "supervise"
HELP = (
    "Watch the heartbeat of an environment's engine from another process: when it is silent for 15 seconds, kill by\n"
    "the trip file, as `interlock kill` does. An engine that ended on purpose, or never began, is no dead one.\n"
    "Needs no Git, Redis or Postgres. SIGTERM ends it; trading does not depend on it."
)
EXAMPLES = (
    "interlock supervise --env production",
    "interlock supervise --env dev --after 5",
)
FORMATS = STREAM
LOOK_SECONDS = 0.25
_ENVIRONMENT = "[a-z][a-z0-9-]{0,30}"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(format="lines")
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument(
        "--after", type=float, default=MISSED_SECONDS, help="seconds without a heartbeat (default: 15)"
    )


def run(chosen: argparse.Namespace, context: Context) -> Document:
    if not re.fullmatch(_ENVIRONMENT, chosen.env):
        raise UsageError(
            f"`{chosen.env}` is no environment", "give the name of a file in config/environments/"
        )
    if not (math.isfinite(chosen.after) and 1 <= chosen.after <= 3600):
        raise UsageError(
            f"--after {chosen.after} is no limit", "1 to 3600 seconds; an engine beats once a second"
        )
    try:
        root = context.repository().root
    except InterlockError:
        if context.state_option is None:
            raise
        root = context.cwd
    folder = engine_folder(context.state(root), chosen.env)
    stop = Stop.on_signals()
    say = LineLog(context.now)
    supervisor = Supervisor(folder, time.monotonic, _nothing_to_cancel, now=context.now, missed=chosen.after)
    say("watching", {"environment": chosen.env, "folder": str(folder), "after_seconds": chosen.after})
    try:
        trips = _watch(supervisor, say, stop)
    finally:
        say.close()
    return Document(
        schema="interlock.supervise/1",
        title=f"supervisor of {chosen.env}",
        exit_code=CLEAN,
        summary="asked to stop",
        facts={
            "tool_root": str(context.tool_root),
            "judged_root": str(root),
            "folder": str(folder),
            "trips": trips,
        },
    )


def _watch(supervisor: Supervisor, say: LineLog, stop: Event) -> int:
    trips, before = 0, Pulse(0.0, is_dead=False, tripped=False)
    while not stop.wait(LOOK_SECONDS):
        pulse = supervisor.look()
        if pulse.tripped and not before.tripped:
            trips += 1
            say("tripped", {"silent_seconds": round(pulse.age, 3)})
        if pulse.failure and pulse.failure != before.failure:
            say("trip_failed", {"reason": pulse.failure})
        if before.is_dead and not pulse.is_dead:
            say("heartbeat_back", {})
        before = pulse
    return trips


def _nothing_to_cancel() -> None:
    """The paper venue dies with its engine; a network venue gets cancel-only credentials here."""
