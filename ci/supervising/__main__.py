"""`python -m ci.supervising FOLDER`: watch an engine's heartbeat and trip when it stops; ends on SIGTERM.

Never trades: it holds no credentials but, later, ones that can only cancel.
"""

from __future__ import annotations

import argparse
import signal
import threading
import time
from pathlib import Path

from engine.killing.supervisor import MISSED_SECONDS, Supervisor

LOOK_SECONDS = 0.25


def main() -> int:
    """Look until asked to stop; the trip file stays for the engine that comes next."""
    parser = argparse.ArgumentParser(prog="python -m ci.supervising", description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="folder of the engine, where its heartbeat and trip file stand"
    )
    parser.add_argument("--after", type=float, default=MISSED_SECONDS, help="seconds without a heartbeat")
    chosen = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    supervisor = Supervisor(chosen.folder, time.monotonic, _nothing_to_cancel, missed=chosen.after)
    while not stop.wait(LOOK_SECONDS):
        supervisor.look()
    return 0


def _nothing_to_cancel() -> None:
    """The paper venue dies with its engine; a network venue gets cancel-only credentials here."""


if __name__ == "__main__":
    raise SystemExit(main())
