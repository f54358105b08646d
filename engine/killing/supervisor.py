"""The dead man's switch: a process of its own that watches the heartbeat of an engine and, when it stops, kills.

Never opens a position: all it can do is write the trip file and cancel; unknown is treated as dead.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine.durable import write_durably

MISSED_SECONDS = 15.0
HEARTBEAT = "heartbeat"


class Pulse(NamedTuple):
    """What the supervisor saw at a look: seconds since the last change, and whether that is too long."""

    age: float
    is_dead: bool
    tripped: bool


def beat(folder: Path, count: int) -> None:
    """The engine's side: say that the loop went round, so that its silence means something."""
    path = folder / HEARTBEAT
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps({"pid": os.getpid(), "count": count}), encoding="ascii")
    temporary.replace(path)


class Supervisor:
    """Looks at one engine folder; time is the supervisor's own monotonic clock, never the engine's."""

    def __init__(
        self,
        folder: Path,
        monotonic: Callable[[], float],
        cancel_all: Callable[[], None],
        *,
        missed: float = MISSED_SECONDS,
    ) -> None:
        """cancel_all: cancels every entry at the venue with credentials that can do nothing else."""
        self._folder = folder
        self._monotonic = monotonic
        self._cancel_all = cancel_all
        self._missed = missed
        self._seen: bytes | None = None
        self._changed_at = monotonic()
        self._tripped = False

    def look(self) -> Pulse:
        """One look: trip once when the heartbeat has not changed for 15 seconds."""
        now, content = self._monotonic(), self._read()
        if content is not None and content != self._seen:
            self._seen, self._changed_at = content, now
        age = now - self._changed_at
        is_dead = age >= self._missed
        if is_dead and not self._tripped:
            self._trip(age)
        return Pulse(age, is_dead, self._tripped)

    def _read(self) -> bytes | None:
        try:
            return (self._folder / HEARTBEAT).read_bytes()
        except OSError:
            return None

    def _trip(self, age: float) -> None:
        """The trip file first: it needs nobody's help; then the venue."""
        self._tripped = True
        body = json.dumps({"by": "supervisor", "reason": f"no heartbeat for {age:.0f} s"})
        write_durably(self._folder / "trip", body.encode())
        self._cancel_all()
