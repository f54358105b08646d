"""The few system calls a journal makes, in one place, so that a test can make each of them fail.

Never retries: after a failed write or sync the file's content is unknown.
"""

from __future__ import annotations

import os
from pathlib import Path

from engine.journal.own_file import open_own


class Disk:
    """An append-only file."""

    def __init__(self, path: Path) -> None:
        self._fd = open_own(path, os.O_RDWR | os.O_APPEND)

    @property
    def fd(self) -> int:
        """The descriptor."""
        return self._fd

    def read(self) -> bytes:
        """All of it."""
        with open(self._fd, "rb", closefd=False) as stream:
            stream.seek(0)
            return stream.read()

    def write(self, chunk: bytes) -> None:
        """Append all of `chunk`."""
        view = memoryview(chunk)
        while view:
            view = view[os.write(self._fd, view) :]

    def sync(self) -> None:
        """Return when everything written is on the device."""
        getattr(os, "fdatasync", os.fsync)(self._fd)

    def truncate(self, size: int) -> None:
        """Cut the file."""
        os.ftruncate(self._fd, size)
        os.fsync(self._fd)

    def close(self) -> None:
        """Let go."""
        os.close(self._fd)


def sync_folder(folder: Path) -> None:
    """Make a new name in `folder` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
