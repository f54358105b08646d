"""Reads a journal while it grows: whole records only, in order, from where it stopped.

Never locks, never writes, and takes an unfinished record at the end for not written yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.journal.record import HEAD, BrokenRecordError, Record, parse, unframe


class JournalTail:
    """The records of one journal file, each once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""

    def fresh(self) -> Iterator[Record]:
        """Records written since the last call."""
        try:
            with open(self._path, "rb") as stream:
                stream.seek(self._offset)
                grown = stream.read()
        except FileNotFoundError:
            return
        self._offset += len(grown)
        self._rest += grown
        at = 0
        while True:
            try:
                covered = unframe(self._rest, at)
            except BrokenRecordError:
                break
            at += HEAD.size + len(covered)
            yield parse(covered)[0]
        self._rest = self._rest[at:]
