"""Waits for the end of its owner, then stops the servers of one state."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from infra.local.lifecycle import discard, down


def main(argv: list[str]) -> None:
    """Read the owner's pipe to its end: that is the owner's end, however it came."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    sys.stdin.buffer.read()
    end = discard if "--discard" in argv else down
    end(Path(argv[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
