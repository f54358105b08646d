"""The dead man's switch: a process of its own that watches the heartbeat of an engine and, when it stops, kills.

Never opens a position: all it can do is write the trip file and cancel; silence is death unless the engine said that
it ended, and where no engine ever began there is nothing to kill.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from engine.kill import GLOBAL
from engine.killing.heartbeat import FILE, is_resting
from engine.killing.trip_file import write_trip

MISSED_SECONDS = 15.0


class Pulse(NamedTuple):
    """What the supervisor saw at a look: seconds since the last change, whether that is too long, what it did.

    `failure`: why the trip file could not be written; it is tried again at the next look.
    """

    age: float
    is_dead: bool
    tripped: bool
    failure: str = ""


class Supervisor:
    """Looks at one engine folder; time is the supervisor's own monotonic clock, never the engine's."""

    def __init__(
        self,
        folder: Path,
        monotonic: Callable[[], float],
        cancel_all: Callable[[], None],
        *,
        now: Callable[[], datetime],
        missed: float = MISSED_SECONDS,
    ) -> None:
        """cancel_all: cancels every entry at the venue with credentials that can do nothing else."""
        self._folder = folder
        self._monotonic = monotonic
        self._cancel_all = cancel_all
        self._now = now
        self._missed = missed
        self._seen: bytes | None = None
        self._changed_at = monotonic()
        self._tripped = False

    def look(self) -> Pulse:
        """One look: trip once when a heartbeat that began has not changed for 15 seconds."""
        now, content = self._monotonic(), self._read()
        if content is not None and content != self._seen:
            self._seen, self._changed_at, self._tripped = content, now, False
        if self._seen is None or is_resting(self._seen):
            self._changed_at = now
            return Pulse(0.0, is_dead=False, tripped=False)
        age = now - self._changed_at
        is_dead = age >= self._missed
        failure = self._trip(age) if is_dead and not self._tripped else ""
        return Pulse(age, is_dead, self._tripped, failure)

    def _read(self) -> bytes | None:
        """The heartbeat; None while there is none, and what cannot be read has not changed since."""
        try:
            return (self._folder / FILE).read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            return self._seen or b""

    def _trip(self, age: float) -> str:
        """The trip file first: it needs nobody's help; then the venue, whether or not the file could be written."""
        failure = ""
        reason = f"no heartbeat for {age:.1f} s"
        try:
            write_trip(self._folder, GLOBAL, person="supervisor", reason=reason, at=self._now())
            self._tripped = True
        except OSError as error:
            failure = f"{self._folder}: {error.strerror}"
        self._cancel_all()
        return failure
