"""The ears of a running engine: signals of a file or a pipe go to its inbox, refused ones to the dead letters.

Never acknowledges what is not durable, and hears nothing more once something could not be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ci.errors import ConfigurationRefusedError, UsageError
from engine.clock import Clock, micros, stamp
from engine.intake.dead_letters import DeadLetters
from engine.intake.receiving import Received
from engine.intake.refusals import Refusals
from engine.intake.sources import FileSource, PipeSource, Source, SourceError
from engine.journal.errors import JournalRefusedError
from engine.loop import Engine

FOLDER = "dead-letters"
STANDARD_INPUT = "-"
PAUSE_SECONDS = 0.005
REST_SECONDS = 2.0

Say = Callable[[str, Mapping[str, Any]], None]


def open_source(name: str, cwd: Path, now: int) -> Source | None:
    """The source `--signals` names, or None; UsageError says why it cannot be one."""
    if not name:
        return None
    if name == STANDARD_INPUT:
        return PipeSource(0, f"stdin:{stamp(now)}")
    try:
        return FileSource(cwd / name)
    except SourceError as wrong:
        raise UsageError(
            f"no signals can be read: {wrong}", "--signals FILE (JSON lines), or - for standard input"
        ) from None


def open_letters(folder: Path) -> DeadLetters:
    """The engine's own store; where a refused signal could not be kept no signal is taken."""
    try:
        return DeadLetters.open(folder / FOLDER)
    except (JournalRefusedError, OSError) as error:
        raise ConfigurationRefusedError(
            f"the dead letters in {folder / FOLDER} cannot be used: {error}", "restore them, or free space"
        ) from None


class Listening:
    """Takes what arrived, between two bars."""

    def __init__(
        self, source: Source | None, letters: DeadLetters | None, engine: Engine, clock: Clock, say: Say
    ) -> None:
        self._source = source
        self._letters = letters
        self._engine = engine
        self._clock = clock
        self._say = say
        self._due = 0.0
        self._unfinished = (0, 0.0)
        self.taken = 0
        if source is not None and letters is not None:
            self._wire(source, letters, engine)

    def _wire(self, source: Source, letters: DeadLetters, engine: Engine) -> None:
        refusals = Refusals(
            letters,
            commit=lambda: engine.accepted.bundle.commit,
            halt=engine.outgoing.halt,
            alert=engine.books.alerts.append,
        )
        engine.receiving.on_accept = refusals.accepted
        engine.receiving.on_dead_letter = refusals.refused
        source.resume(engine.receiving.places.get(source.name, ""))

    def step(self) -> None:
        """At most every 5 ms: what arrived is judged now, by this clock, and durable before the next is read."""
        if self._source is None or self._clock.monotonic() < self._due:
            return
        self._due = self._clock.monotonic() + PAUSE_SECONDS
        try:
            arrived = self._source.receive()
        except (SourceError, OSError) as error:
            self._stop(f"the signals cannot be read any more: {error}")
            return
        at, name = micros(self._clock.now()), self._source.name
        received = [Received(at, each.payload, name, each.offset) for each in arrived]
        if received and not self._engine.receive(received):
            self._stop("signals are not taken any more: what was refused or accepted could not be kept")
        self.taken += len(arrived)
        if self._source is not None:
            self._watch_rest(self._source.unfinished)

    def _watch_rest(self, size: int) -> None:
        """Half a line is no signal; that one waits for its end is told once."""
        now = self._clock.monotonic()
        known, since = self._unfinished
        if size != known:
            self._unfinished = (size, now)
        elif size and 0 <= since <= now - REST_SECONDS:
            self._unfinished = (size, -1.0)
            self._say("signal_unfinished", {"bytes": size, "reason": "the last line has no newline yet"})

    def close(self) -> None:
        """Let go of the source and the store."""
        if self._source is not None:
            self._source.close()
            self._source = None
        if self._letters is not None:
            with closing(self._letters):
                self._letters = None

    def _stop(self, why: str) -> None:
        self._engine.books.alerts.append(why)
        self._say("signals_stopped", {"reason": why})
        if self._source is not None:
            self._source.close()
            self._source = None
