"""Where signals come from on one machine: a file of JSON lines that grows, or a pipe; both at least once, in order.

Never forgets its place: what is in the journal says how far a file was read, and a restart goes on there.
"""

from __future__ import annotations

import os
import select
import stat
from pathlib import Path
from typing import NamedTuple, Protocol

from engine.intake.lines import Line, Lines
from engine.intake.signal_records import MalformedRecordError, split_record

CHUNK = 1 << 20


class SourceError(ValueError):
    """A source nobody can read signals from; the text says why."""


class Delivery(NamedTuple):
    """The bytes of one signal and where they stood."""

    payload: bytes
    offset: str


class Source(Protocol):
    """Hands out what arrived since the last call, each delivery once in its life."""

    name: str

    @property
    def unfinished(self) -> int:
        """Bytes that arrived and whose line has no end yet."""

    def receive(self) -> list[Delivery]:
        """What arrived; at most a megabyte at a time."""

    def resume(self, place: str) -> None:
        """Go on behind this place, if it is one of this source."""

    def close(self) -> None:
        """Let go."""


class FileSource:
    """A file that somebody appends to; it may come later, and it may be replaced by a new one."""

    def __init__(self, path: Path) -> None:
        self.name = f"file:{path}"
        self._path = path
        self._fd = self._inode = -1
        self._at = 0
        self._lines = Lines()
        if not path.parent.is_dir():
            raise SourceError(f"{path.parent} is no folder")
        self._opened()

    @property
    def unfinished(self) -> int:
        """Bytes of a line that has no end yet."""
        return self._lines.unfinished

    def resume(self, place: str) -> None:
        """Go on behind the last delivery that is durable, as the journal names it; another file is read whole."""
        inode, end = _parsed(place)
        if self._fd >= 0 and inode == self._inode and end <= os.fstat(self._fd).st_size:
            self._begin(end)

    def receive(self) -> list[Delivery]:
        """New whole lines."""
        if self._fd < 0 and not self._opened():
            return []
        if os.fstat(self._fd).st_size < self._at:
            self._begin(0)  # it was cut: whatever stands there now is new
        chunk = os.read(self._fd, CHUNK)
        if not chunk:
            self._look_for_another()
            return []
        self._at += len(chunk)
        return [_delivery(line, f"{self._inode}:{line.place}") for line in self._lines.feed(chunk)]

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _opened(self) -> bool:
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise SourceError(f"{self._path}: {error.strerror}") from None
        facts = os.fstat(self._fd)
        if not stat.S_ISREG(facts.st_mode):
            self.close()
            raise SourceError(f"{self._path} is no file; give a pipe on standard input, as `-`")
        self._inode = facts.st_ino
        self._begin(0)
        return True

    def _begin(self, at: int) -> None:
        os.lseek(self._fd, at, os.SEEK_SET)
        self._at, self._lines = at, Lines(at)

    def _look_for_another(self) -> None:
        """The path names another file now: that one is read from its beginning."""
        try:
            is_same = self._path.stat().st_ino == self._inode
        except OSError:
            return
        if not is_same:
            self.close()


class PipeSource:
    """Standard input, or any descriptor: read as it comes, and over at its end."""

    def __init__(self, fd: int, name: str) -> None:
        """name: another one for every run, since a pipe begins anew each time."""
        self.name = name
        self._fd = fd
        self._lines = Lines()
        self._is_over = False

    @property
    def unfinished(self) -> int:
        """Bytes of a line that has no end yet; the end of the pipe ends it."""
        return 0 if self._is_over else self._lines.unfinished

    def receive(self) -> list[Delivery]:
        """New whole lines; at the end of the pipe the rest is one."""
        if self._is_over or not select.select([self._fd], [], [], 0)[0]:
            return []
        chunk = os.read(self._fd, CHUNK)
        self._is_over = not chunk
        lines = self._lines.feed(chunk) if chunk else self._lines.last()
        return [_delivery(line, line.place) for line in lines]

    def resume(self, place: str) -> None:
        """A pipe has no past."""

    def close(self) -> None:
        """The descriptor belongs to the process."""


def _delivery(line: Line, offset: str) -> Delivery:
    """A line is a signal, or a record that holds one; when it was received this engine's own clock says."""
    try:
        return Delivery(split_record(line.text).payload, offset)
    except MalformedRecordError:
        return Delivery(line.text, offset)


def _parsed(place: str) -> tuple[int, int]:
    inode, _, span = place.partition(":")
    end = span.rpartition("-")[2]
    return (int(inode), int(end)) if inode.isdecimal() and end.isdecimal() else (-1, 0)
