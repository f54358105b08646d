"""A backtest's journal: the same chain over the same records, kept as one hash; nothing touches a disk.

Never sees a wall clock, so that its hash is the same on every run and machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from engine.journal.record import GENESIS, Record, parse, payload


class MemoryJournal:
    """A chain without a file; `keep=True` holds the records too."""

    def __init__(self, *, keep: bool = False) -> None:
        self._seq = 0
        self._previous = GENESIS
        self._kept: list[bytes] | None = [] if keep else None

    @property
    def head(self) -> str:
        """Hash of the last record, hex."""
        return self._previous.hex()

    @property
    def count(self) -> int:
        """How many records were appended."""
        return self._seq

    @property
    def is_stalled(self) -> bool:
        """Memory keeps up."""
        return False

    def append(self, at: int, type: str, body: Mapping[str, Any] | str) -> int:
        """Chain a record."""
        seq = self._seq = self._seq + 1
        covered = payload(seq, self._previous, at, type, body)
        self._previous = sha256(covered).digest()
        if self._kept is not None:
            self._kept.append(covered)
        return seq

    def sync(self) -> None:
        """Nothing to wait for."""

    def records(self) -> Iterator[Record]:
        """What was kept."""
        for covered in self._kept or ():
            yield parse(covered)[0]

    def write_kill(self, at: int, body: Mapping[str, Any]) -> bool:
        """A kill is a record like any other here."""
        self.append(at, "kill", body)
        return True

    def close(self) -> None:
        """Nothing to let go."""
