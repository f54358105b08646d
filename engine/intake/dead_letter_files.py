"""Journal records in files of bounded size, numbered; each file a chain that begins with the head of the one before.

Never deletes a file: when the last allowed one is full it refuses, and a person archives the oldest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.journal.disk import Disk, sync_folder
from engine.journal.errors import JournalRefusedError
from engine.journal.record import GENESIS, Record, digest, frame, payload
from engine.journal.scan import Scanned, scan


class DeadLettersFullError(Exception):
    """No room for another refused signal: HALTED, never dropped."""


class DeadLettersFailedError(Exception):
    """The disk refused a dead letter: HALTED, its message is not acknowledged."""


class Segments:
    """All files of one folder, read as one list of records; appended to the last."""

    def __init__(self, folder: Path, segment_bytes: int, most: int, disk: type[Disk] = Disk) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._most = most
        self._kind = disk
        self._disk: Disk | None = None
        self._failure = ""
        self._fresh: list[Record] = []
        self._read_so_far = 0
        self._number = self._size = self._seq = 0
        self._last = self._follows = GENESIS
        self.torn = 0
        self.catch_up()

    def append(self, at: int, body: Mapping[str, Any]) -> None:
        """Write one record and sync it; a new file is begun where the last has no room."""
        if self._failure:
            raise DeadLettersFailedError(self._failure)
        framed = frame(payload(self._seq, self._last, at, "dlq", body))
        try:
            disk = self._disk_with_room(len(framed))
            if not self._seq:
                self._put(disk, at, {"what": "begins", "follows": self._follows.hex()})
            self._fresh.append(self._put(disk, at, body))
        except OSError as failure:
            self._failure = f"{self._path(self._number)}: {failure.strerror}; restart when it can be written"
            raise DeadLettersFailedError(self._failure) from failure
        self._read_so_far += 1

    def fresh(self) -> Iterator[Record]:
        """Records nobody has been shown yet."""
        while self._fresh:
            yield self._fresh.pop(0)

    def catch_up(self) -> None:
        """Read what another process has written since."""
        if self._failure:
            return
        numbers = self._numbers()
        is_ours = self._disk is not None and numbers[-1:] == [self._number]
        if is_ours and self._path(self._number).stat().st_size == self._size:
            return
        records: list[Record] = []
        self._last = GENESIS
        for number in numbers:
            records += self._open(number, is_first=number == numbers[0], is_last=number == numbers[-1])
        self._fresh += records[self._read_so_far :]
        self._read_so_far = len(records)

    def close(self) -> None:
        """Close the last file."""
        if self._disk is not None:
            self._disk.close()
            self._disk = None

    def _numbers(self) -> list[int]:
        names = self._folder.glob("dead-letters-[0-9][0-9][0-9][0-9].journal")
        numbers = sorted(int(path.stem[-4:]) for path in names)
        missing = set(range(numbers[0], numbers[-1] + 1)) - set(numbers) if numbers else set()
        if missing:
            raise JournalRefusedError(f"{self._path(min(missing))} is missing; archive the oldest files only")
        return numbers

    def _path(self, number: int) -> Path:
        return self._folder / f"dead-letters-{number:04d}.journal"

    def _open(self, number: int, *, is_first: bool, is_last: bool) -> list[Record]:
        path = self._path(number)
        scanned = scan(path.read_bytes(), str(path))
        self._check(path, scanned, is_first=is_first, is_last=is_last)
        self._follows, self._last = self._last, scanned.last
        self._number, self._seq, self._size = number, len(scanned.records), scanned.good
        if is_last:
            self.close()
            self._disk = self._kind(path)
            if scanned.torn:
                self.torn += scanned.torn
                self._disk.truncate(scanned.good)
        return scanned.records[1:]

    def _check(self, path: Path, scanned: Scanned, *, is_first: bool, is_last: bool) -> None:
        if not is_last and (scanned.torn or not scanned.records):
            raise JournalRefusedError(f"{path} is cut short, and another file follows; restore it")
        follows = scanned.records[0].body.get("follows") if scanned.records else self._last.hex()
        if not is_first and follows != self._last.hex():
            raise JournalRefusedError(f"{path} does not follow the file before it; restore both")

    def _disk_with_room(self, wanted: int) -> Disk:
        if self._disk is not None and (not self._seq or self._size + wanted <= self._segment_bytes):
            return self._disk
        numbers = self._numbers()
        if len(numbers) >= self._most:
            raise DeadLettersFullError(
                f"{self._folder}: {len(numbers)} files of dead letters are full; redrive and archive the oldest"
            )
        self.close()
        self._number = numbers[-1] + 1 if numbers else 1
        self._disk = disk = self._kind(self._path(self._number))
        sync_folder(self._folder)
        self._follows, self._last = self._last, GENESIS
        self._seq = self._size = 0
        return disk

    def _put(self, disk: Disk, at: int, body: Mapping[str, Any]) -> Record:
        covered = payload(self._seq, self._last, at, "dlq", body)
        framed = frame(covered)
        disk.write(framed)
        disk.sync()
        self._size += len(framed)
        self._last = digest(covered)
        self._seq += 1
        return Record(self._seq - 1, at, "dlq", dict(body))
