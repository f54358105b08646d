"""A document that was read: its typed value, its text, and where each key stands in it.

Knows no YAML: `config/reading` makes documents, everybody else asks them.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from config.findings import Span
from config.record import record

T_co = TypeVar("T_co", covariant=True)

KeyPath = tuple[str | int, ...]
"""A key inside one document: `("limits", "max_order_value")`; list items by position."""


class Places(Protocol):
    """Where each path of a document stands; a missing path answers with its nearest ancestor."""

    def value(self, path: KeyPath) -> Span:
        """The extent of the value at `path`."""

    def key(self, path: KeyPath) -> Span:
        """The extent of the key at `path`."""

    def at(self, path: KeyPath) -> Span:
        """Where a finding about `path` points: the value when it stands on one line, else its key."""

    def forget_nodes(self) -> None:
        """Give back memory; a later question costs a second walk."""


@record
class Document(Generic[T_co]):
    """One file, read strictly."""

    file: str
    value: T_co
    places: Places
    blob_id: str
    text: str


def dotted(path: KeyPath) -> str:
    """The text form of a path: `flags.live_trading_enabled.enabled`."""
    return ".".join(str(step) for step in path)
