"""Space set aside for one kill record, so that a full disk or a stalled writer cannot lose it.

Never grows: the block exists before it is needed.
"""

from __future__ import annotations

import os
from pathlib import Path

from engine.journal.own_file import open_own
from engine.journal.record import BrokenRecordError, Record, parse, unframe

SIZE = 4096


class Reserve:
    """A preallocated block in a file of its own."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    @classmethod
    def open(cls, path: Path) -> Reserve:
        """Open or allocate the block."""
        fd = open_own(path, os.O_RDWR)
        if os.fstat(fd).st_size < SIZE:
            os.pwrite(fd, bytes(SIZE), 0)
            os.fsync(fd)
        return cls(fd)

    def write(self, framed: bytes) -> bool:
        """Put a record into the block; False when the disk refuses or it does not fit."""
        if len(framed) > SIZE:
            return False
        try:
            os.pwrite(self._fd, framed, 0)
            os.fsync(self._fd)
        except OSError:
            return False
        return True

    def read(self) -> Record | None:
        """The record in the block, or None; one that was only half written is a kill as well."""
        content = os.pread(self._fd, SIZE, 0)
        if not content.strip(b"\0"):
            return None
        try:
            return parse(unframe(content, 0))[0]
        except BrokenRecordError:
            return Record(0, 0, "kill", {"epoch": 0, "cause": "a damaged record of a kill"})

    def clear(self) -> None:
        """Empty the block."""
        os.pwrite(self._fd, bytes(SIZE), 0)
        os.fsync(self._fd)

    def close(self) -> None:
        """Let go."""
        os.close(self._fd)
