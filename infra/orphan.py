"""A plugin ends with the engine that started it, however the engine ended: nobody is left to serve."""

from __future__ import annotations

import os
import signal
import threading

_LOOK_SECONDS = 0.5


def leave_with_the_engine() -> None:
    """End quietly on a signal, and within a second once the process that started us is gone."""
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: os._exit(0))
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(engine: int) -> None:
    waiting = threading.Event()
    while os.getppid() == engine:
        waiting.wait(_LOOK_SECONDS)
    os._exit(0)
