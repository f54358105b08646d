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

from engine.journal.disk import Disk, sync_folder
from engine.journal.errors import JournalFailedError, JournalRefusedError
from engine.journal.record import Record, digest, frame, payload
from engine.journal.reserve import Reserve
from engine.journal.scan import Scanned, read, scan

SCHEMA = 1
LARGEST_GROUP = 256
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
        self._seq = len(scanned.records)
        self._durable = self._seq
        self._previous = scanned.last
        self._arrived: list[bytes] = []
        self._arriving = threading.Lock()
        self._writing = threading.Lock()
        self._failure: str | None = None
        self.recovered = scanned.records
        self.slowest = 0.0

    @classmethod
    def open(cls, path: Path, identity: Identity, at: int, disk: type[Disk] = Disk) -> FileJournal:
        """Lock, verify, cut a torn tail, and continue; JournalRefusedError says what stands in the way."""
        lock = _lock(path)
        try:
            scanned = scan(path.read_bytes() if path.exists() else b"", str(path))
            _check(scanned, identity, str(path))
            opened = disk(path)
            if scanned.torn:
                opened.truncate(scanned.good)
            journal = cls(path, opened, lock, scanned, Reserve.open(path.with_name("kill")))
        except OSError as failure:
            os.close(lock)
            raise JournalRefusedError(_unwritable(path, failure)) from failure
        except JournalRefusedError:
            os.close(lock)
            raise
        journal._begin(identity, at)
        return journal

    def _begin(self, identity: Identity, at: int) -> None:
        if self._seq == 0:
            self.append(at, "cfg", {"schema": SCHEMA, **identity._asdict()})
            self.sync()
            sync_folder(self.path.parent)

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
        self.slowest = max(self.slowest, monotonic() - started)

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
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path.with_name("lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as failure:
        raise JournalRefusedError(_unwritable(path, failure)) from failure
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as failure:
        os.close(lock)
        raise JournalRefusedError(f"{path}: another engine holds this journal; stop it first") from failure
    return lock


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
