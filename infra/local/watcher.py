"""Waits for the end of its owner, then stops the servers of one state."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

from infra.local.lifecycle import down
from infra.local.places import places


def main(argv: list[str]) -> None:
    """Read the owner's pipe to its end: that is the owner's end, however it came."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    sys.stdin.buffer.read()
    state = Path(argv[0])
    down(state)
    if "--discard" in argv and state.is_dir():
        where = places(state)
        for folder in (where.socket, where.hall, where.state):
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
