"""A reconcile that dies or freezes by its own hand at a named point; run by the tests beside it, never imported."""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from config.models.environment import Redis
from infra.local import Local
from infra.local.places import places
from tests.desk import Desk, section_of


def main() -> None:
    asked = json.loads(sys.argv[1])
    state = Path(asked["state"])
    local = Local(state, asked["redis"], asked["postgres"], places(state))
    section = Redis(host="localhost", port=asked["redis"], tls=False)
    clock = datetime.fromisoformat(asked["clock"])
    desk = Desk(Path(asked["root"]), local, section_of(local, asked["database"]), section, clock)

    def die(point: str) -> None:
        if point == asked["point"]:
            os.kill(os.getpid(), asked.get("signal", signal.SIGKILL))

    desk.apply(asked["environment"], asked.get("commit"), observer=die)


main()
