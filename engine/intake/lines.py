"""A stream of bytes cut into lines, each with the place it stood at; a giant costs no more memory than its beginning.

Never hands out a line before its end was seen: half a line is no signal.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.intake.signal_form import LARGEST_SIGNAL

LARGEST_KEPT = 4 * LARGEST_SIGNAL


class Line(NamedTuple):
    """Bytes `start` to `end` of the stream, the newline included; a longer `text` than LARGEST_KEPT is cut."""

    start: int
    end: int
    text: bytes

    @property
    def place(self) -> str:
        """Where it stood, for people and for resuming."""
        return f"{self.start}-{self.end}"


class Lines:
    """Feed it chunks; it remembers the unfinished rest."""

    def __init__(self, start: int = 0) -> None:
        self._start = start
        self._at = start
        self._rest = b""

    @property
    def unfinished(self) -> int:
        """Bytes that wait for their newline."""
        return self._at - self._start

    def feed(self, chunk: bytes) -> list[Line]:
        """The lines that ended in this chunk, blank ones left out."""
        *whole, rest = chunk.split(b"\n")
        lines = [line for part in whole if (line := self._end(part, len(part) + 1)).text.strip()]
        self._keep(rest)
        return lines

    def last(self) -> list[Line]:
        """The stream is over: what has no newline was its last line."""
        line = self._end(b"", 0)
        return [line] if line.text.strip() else []

    def _end(self, part: bytes, length: int) -> Line:
        self._at += length
        room = LARGEST_KEPT - len(self._rest)
        line = Line(self._start, self._at, (self._rest + part[:room]).removesuffix(b"\r"))
        self._start, self._rest = self._at, b""
        return line

    def _keep(self, rest: bytes) -> None:
        self._at += len(rest)
        self._rest += rest[: LARGEST_KEPT - len(self._rest)]
