"""Once a second the engine looks at itself: a sign of life for the supervisor, the journal's place, the clock's way.

Never goes on trading where the records would be lost or the clock cannot be believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.clock import Clock
from engine.journal.file import FileJournal
from engine.killing.heartbeat import beat, rest
from engine.loop import Engine

BACK_SECONDS = 1.0
FROZEN_SECONDS = 5.0

Say = Callable[[str, Mapping[str, Any]], None]


class Checkup:
    """Of one engine in one folder."""

    def __init__(self, folder: Path, engine: Engine, clock: Clock, say: Say) -> None:
        self._folder = folder
        self._engine = engine
        self._clock = clock
        self._say = say
        self._count = 0
        self._is_mute = False
        self._steps_at = clock.monotonic()
        self._offset = self._wall_less_monotonic()

    def look(self) -> None:
        """Beat, and halt on what cannot be."""
        self._count += 1
        self._beat()
        engine = self._engine
        if isinstance(engine.journal, FileJournal) and (lost := engine.journal.misplaced()):
            engine.outgoing.halt(lost)
        offset = self._wall_less_monotonic()
        if (back := self._offset - offset) > BACK_SECONDS:
            engine.outgoing.halt(f"the clock went back by {back:.1f} s")
        self._offset = offset

    def was_frozen(self) -> bool:
        """Whether this process stood still for seconds since the last call: somebody may have killed it meanwhile."""
        now = self._clock.monotonic()
        before, self._steps_at = self._steps_at, now
        return now - before > FROZEN_SECONDS

    def rest(self) -> None:
        """The journal is closed, and silence is no death from now on."""
        self._write(lambda: rest(self._folder))

    def _beat(self) -> None:
        self._write(lambda: beat(self._folder, self._count))

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
            self._is_mute = False
        except OSError as error:  # the supervisor hears the silence and kills
            if not self._is_mute:
                self._is_mute = True
                self._say("heartbeat_failed", {"reason": f"{self._folder}: {error.strerror}"})

    def _wall_less_monotonic(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
