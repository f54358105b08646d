"""A stop that signals ask for: noted without taking a lock, so that no second signal can tie the process up.

`Event.set` inside a signal handler would wait for ever for a lock that the interrupted code holds.
"""

from __future__ import annotations

import signal
from threading import Event


class Stop(Event):
    """Set by the program as any event, or asked for by a signal; those who wait see that after their time-out."""

    def __init__(self) -> None:
        super().__init__()
        self._is_asked = False

    @classmethod
    def on_signals(cls) -> Stop:
        """One that SIGTERM and SIGINT ask for from now on; only the main thread may say so."""
        stop = cls()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop._ask)
        return stop

    def is_set(self) -> bool:
        """Whether it was set or asked for."""
        return self._is_asked or super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for `set`, at most that many seconds; whether it was set or asked for by then."""
        return self._is_asked or super().wait(timeout) or self._is_asked

    def _ask(self, number: int, frame: object) -> None:
        self._is_asked = True
