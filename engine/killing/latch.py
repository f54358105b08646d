"""One bit between the gate and the venue: closed in memory before anybody writes a line about it.

Starts closed; closing never waits for a disk, a store or a lock that is held over either; only `kill.py` opens it.
"""

from __future__ import annotations

import os
import threading
import weakref


class Latch:
    """Closed: nothing that can increase a position leaves."""

    def __init__(self, cause: str = "not started") -> None:
        self._lock = threading.Lock()
        self._state = (True, 0, cause)
        self._closings = 1
        _latches.add(self)

    @property
    def closed(self) -> bool:
        """Read as the last instruction before an order reaches the venue."""
        return self._state[0]

    @property
    def epoch(self) -> int:
        """The kill that closed it, 0 before the first."""
        return self._state[1]

    @property
    def cause(self) -> str:
        """Who closed it; empty while open."""
        return self._state[2]

    @property
    def closings(self) -> int:
        """How often it was closed: who wants to open names the count on which that was decided."""
        return self._closings

    def close(self, cause: str, epoch: int = 0) -> bool:
        """Close it; answers whether it was open."""
        with self._lock:
            was_open = not self._state[0]
            self._state = (True, max(epoch, self._state[1]), cause)
            self._closings += 1
        return was_open

    def open(self, closings: int) -> bool:
        """Open it unless it was closed again since `closings` was read; answers whether it is open now."""
        with self._lock:
            if closings == self._closings:
                self._state = (False, self._state[1], "")
            return not self._state[0]

    def forked(self) -> None:
        """Closed for good in a child process, whose watchers stayed behind; the lock may be held by one of them."""
        self._lock = threading.Lock()
        self._state = (True, self._state[1], "forked")
        self._closings += 1


_latches: weakref.WeakSet[Latch] = weakref.WeakSet()


def _after_fork() -> None:
    for latch in list(_latches):
        latch.forked()


os.register_at_fork(after_in_child=_after_fork)
