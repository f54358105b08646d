"""What a journal can do; a backtest's stays in memory, an engine's is a file.

Never tells the caller that something is durable before it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from engine.journal.record import Record


class Journal(Protocol):
    """Append, then sync before the effect."""

    def append(self, at: int, type: str, body: Mapping[str, Any] | str) -> int:
        """Take a record in; its sequence number."""

    def sync(self) -> None:
        """Return when everything appended so far is durable; JournalFailedError if it will never be."""

    def records(self) -> Iterator[Record]:
        """Everything durable, oldest first."""

    def write_kill(self, at: int, body: Mapping[str, Any]) -> bool:
        """Write a kill into space reserved for it; False when even that failed."""

    def close(self) -> None:
        """Sync and let go."""

    @property
    def is_stalled(self) -> bool:
        """Whether the writer took longer than a second."""

    @property
    def head(self) -> str:
        """Hash of the last record, hex."""
