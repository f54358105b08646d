"""The engine's journal on disk: group commit, synced before the effect, one writer, one environment.

Never retries a failed write or sync: from then on it only refuses, and the engine halts.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from engine.clock import SECOND, stamp
from engine.compact_json import encode_json
from engine.journal.disk import Disk, sync_folder
from engine.journal.errors import JournalFailedError, JournalRefusedError
from engine.journal.own_file import open_own
from engine.journal.record import GENESIS, Record, digest, frame, is_unfinished, payload
from engine.journal.reserve import Reserve
from engine.journal.scan import Scanned, read, scan

SCHEMA = 1
LARGEST_GROUP = 256
RESERVE = "kill"
CLOCK_TOLERANCE = 5 * SECOND
STALL_SECONDS = 1.0


class Identity(NamedTuple):
    """Whose journal it is; all of it must match on opening."""

    environment: str
    mode: str
    account: str


class FileJournal:
    """An open journal; `append` is cheap, `sync` waits for the disk once for everybody who waits."""

    def __init__(self, path: Path, disk: Disk, lock: int, scanned: Scanned, reserve: Reserve) -> None:
        self.path = path
        self.torn = scanned.torn
        self._disk = disk
        self._lock = lock
        self._reserve = reserve
        self._seq = len(scanned.records) or 1
        self._durable = self._seq
        self._previous = scanned.last
        self._size = scanned.good
        self._arrived: list[bytes] = []
        self._arriving = threading.Lock()
        self._writing = threading.Lock()
        self._failure: str | None = None
        self.recovered = scanned.records
        self.slowest = 0.0

    @classmethod
    def open(cls, path: Path, identity: Identity, at: int, disk: type[Disk] = Disk) -> FileJournal:
        """Lock, verify, cut a torn tail, and continue; JournalRefusedError says what stands in the way."""
        held = [_lock(path)]
        try:
            opened = disk(path)
            held.append(opened.fd)
            _hold(opened.fd, path)
            scanned = _verified(opened.read(), path, identity, at)
            if scanned.torn:
                opened.truncate(scanned.good)
            if not scanned.records:
                scanned = _begun(opened, path, identity, at)
            return cls(path, opened, held[0], scanned, Reserve.open(path.with_name(RESERVE)))
        except (OSError, JournalRefusedError) as failure:
            for fd in held:
                os.close(fd)
            if isinstance(failure, JournalRefusedError):
                raise
            raise JournalRefusedError(_unwritable(path, failure)) from failure

    @property
    def head(self) -> str:
        """Hash of the last record, hex."""
        return self._previous.hex()

    @property
    def failure(self) -> str | None:
        """Why nothing can be written any more, or None."""
        return self._failure

    @property
    def is_stalled(self) -> bool:
        """Whether one write took longer than a second: the disk can't be trusted to keep up."""
        return self.slowest > STALL_SECONDS

    def append(self, at: int, type: str, body: Mapping[str, Any] | str) -> int:
        """Chain a record and hand it to the next writer; its sequence number."""
        if self._failure is not None:
            raise JournalFailedError(self._failure)
        with self._arriving:
            seq = self._seq
            covered = payload(seq, self._previous, at, type, body)
            self._previous = digest(covered)
            self._seq = seq + 1
            self._arrived.append(frame(covered))
        return seq

    def sync(self) -> None:
        """Return when all that this caller appended is durable; whoever comes first writes for all."""
        wanted = self._seq
        while self._durable < wanted:
            with self._writing:
                if self._durable < wanted:
                    self._write_group()

    def _write_group(self) -> None:
        with self._arriving:
            group, self._arrived = self._arrived[:LARGEST_GROUP], self._arrived[LARGEST_GROUP:]
        if self._failure is not None:
            raise JournalFailedError(self._failure)
        started = monotonic()
        try:
            self._disk.write(b"".join(group))
            self._disk.sync()
        except OSError as failure:
            self._failure = (
                f"{self.path}: {os.strerror(failure.errno or errno.EIO)}; trading halts until it can write"
            )
            raise JournalFailedError(self._failure) from failure
        self._durable += len(group)
        self._size += sum(map(len, group))
        self.slowest = max(self.slowest, monotonic() - started)

    def misplaced(self) -> str:
        """Why a start would not find what is written now: the file was deleted, replaced or cut; or nothing."""
        try:
            there, here = os.stat(self.path, follow_symlinks=False), os.fstat(self._disk.fd)
        except OSError as failure:
            return f"{self.path}: {failure.strerror}; what is written now is lost at the next start"
        if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
            return f"{self.path} was replaced while it was written; what is written now is lost at the next start"
        if here.st_size < self._size:
            return f"{self.path} was cut from {self._size} to {here.st_size} bytes while it was written"
        return ""

    def records(self) -> Iterator[Record]:
        """Everything durable, read back from the file."""
        return read(self.path.read_bytes())

    def write_kill(self, at: int, body: Mapping[str, Any]) -> bool:
        """Write a kill into its reserve, which needs neither space nor the writer."""
        return self._reserve.write(frame(payload(self._seq, self._previous, at, "kill", body)))

    def killed(self) -> Record | None:
        """The kill in the reserve, if any."""
        return self._reserve.read()

    def clear_kill(self) -> None:
        """Empty the reserve: only after a merged release was journaled."""
        self._reserve.clear()

    def close(self) -> None:
        """Sync unless the disk has failed, and let go of the lock."""
        if self._failure is None:
            self.sync()
        self._disk.close()
        self._reserve.close()
        os.close(self._lock)


def _lock(path: Path) -> int:
    """Its own file, so that not even a journal that was replaced has two writers."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = open_own(path.with_name("lock"), os.O_RDWR)
    except OSError as failure:
        raise JournalRefusedError(_unwritable(path, failure)) from failure
    try:
        _hold(lock, path)
    except JournalRefusedError:
        os.close(lock)
        raise
    return lock


def _hold(fd: int, path: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as failure:
        raise JournalRefusedError(f"{path}: another engine holds this journal; stop it first") from failure


def _verified(content: bytes, path: Path, identity: Identity, at: int) -> Scanned:
    """What may be continued: a journal of this engine, not of the future, and no other file."""
    scanned = scan(content, str(path))
    if not scanned.records:
        _check_begins(content, path)
    _check(scanned, identity, str(path))
    last = scanned.records[-1].at if scanned.records else at
    if last > at + CLOCK_TOLERANCE:
        raise JournalRefusedError(
            f"{path}: its last record is of {stamp(last)}, this machine's clock says {stamp(at)}; set the clock"
        )
    return scanned


def _check_begins(content: bytes, path: Path) -> None:
    """Nothing whole: fine for a journal that never began, but not for one that is gone, nor for another file."""
    if path.with_name(RESERVE).exists():
        raise JournalRefusedError(
            f"{path} is empty or gone, but an engine has written it; restore it from its backup, or move its folder "
            "away to begin anew"
        )
    if content.strip(b"\0") and not is_unfinished(content):
        raise JournalRefusedError(f"{path} is no journal; move it away")


def _begun(disk: Disk, path: Path, identity: Identity, at: int) -> Scanned:
    """The first record, durable with its name before anything else is; then the reserve may say that it began."""
    covered = payload(0, GENESIS, at, "cfg", encode_json({"schema": SCHEMA, **identity._asdict()}))
    framed = frame(covered)
    disk.write(framed)
    disk.sync()
    sync_folder(path.parent)
    return Scanned([], len(framed), digest(covered), 0)


def _check(scanned: Scanned, identity: Identity, where: str) -> None:
    """The first record says whose journal it is."""
    if not scanned.records:
        return
    first = scanned.records[0]
    if first.type != "cfg":
        raise JournalRefusedError(f"{where}: the first record is {first.type}, not cfg; this is no journal")
    schema = first.body.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise JournalRefusedError(
            f"{where}: written by a newer engine (schema {schema}, this one reads {SCHEMA})"
        )
    for name, wanted in identity._asdict().items():
        if first.body.get(name) != wanted:
            raise JournalRefusedError(f"{where}: belongs to {name} {first.body.get(name)!r}, not {wanted!r}")


def _unwritable(path: Path, failure: OSError) -> str:
    return f"{path}: {failure.strerror}; the journal must be writable by its owner"
