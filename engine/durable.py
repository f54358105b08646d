"""Small facts that survive a crash: written beside, synced, renamed, and the folder synced; never half a file."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """Replace `path` by `content`, so that after any crash it holds the old bytes or the new ones."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Floor:
    """A number that only rises and survives restarts: no older snapshot is taken after a newer one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._value = self._stored()

    @property
    def value(self) -> int:
        """The highest number seen, 0 before the first."""
        return self._value

    def raise_to(self, number: int) -> None:
        """Keep `number` if it is higher; returns when it is on disk."""
        if number > self._value:
            write_durably(self._path, b"%d\n" % number)
            self._value = number

    def _stored(self) -> int:
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return 0
        digits = text.removesuffix(b"\n")
        if not (digits.isdigit() and len(digits) <= 20):
            raise DamagedStateError(self._path, "it holds no number")
        return int(digits)


class DamagedStateError(Exception):
    """A file of the engine's own state cannot be read: nothing may be concluded from it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name}: {why}")
        self.path = path
