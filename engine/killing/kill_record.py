"""Kill epochs as this engine keeps them on its own disk: they rise, survive restarts, and no store can lower them.

Pure but for `load` and `keep`. A kill ends only where a release merged in Git names its scope and an epoch at least
as high.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from config.digest import canonical
from engine.durable import DamagedStateError, write_durably

SCHEMA = 1
FILE = "kill.json"


@dataclass(frozen=True, slots=True)
class KillRecord:
    """Highest epoch per scope, and the trip files that were already counted (name -> identity)."""

    raised: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def highest(self) -> int:
        return max(self.raised.values(), default=0)

    def with_kill(self, scope: str, epoch: int | None) -> KillRecord:
        """The record after a kill of `scope`; an unreadable epoch (None) counts as one above all known."""
        number = epoch if epoch is not None else self.highest + 1
        if number <= self.raised.get(scope, 0):
            return self
        return replace(self, raised={**self.raised, scope: number})

    def with_file(self, name: str, identity: str) -> KillRecord:
        """The record after a trip file was counted."""
        return replace(self, files={**self.files, name: identity})

    def without_file(self, name: str) -> KillRecord:
        """The record after a trip file was put away."""
        return replace(self, files={known: seen for known, seen in self.files.items() if known != name})

    def active(self, released: Mapping[str, int]) -> dict[str, int]:
        """Scopes that are killed and not released, with their epochs."""
        return {scope: epoch for scope, epoch in self.raised.items() if epoch > released.get(scope, 0)}


def load(folder: Path) -> KillRecord:
    """The record kept in `folder`; DamagedStateError when it cannot be read (nothing may start on it)."""
    path = folder / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return KillRecord()
    try:
        return _parsed(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedStateError(path, f"it is no kill record ({error})") from None


def keep(folder: Path, record: KillRecord) -> None:
    """Write the record; returns when it is on disk."""
    epochs = {scope: str(epoch) for scope, epoch in record.raised.items()}
    write_durably(
        folder / FILE, canonical({"schema": SCHEMA, "raised": epochs, "files": dict(record.files)}) + b"\n"
    )


def _parsed(plain: Mapping[str, object]) -> KillRecord:
    if plain["schema"] != SCHEMA:
        raise ValueError(f"schema {plain['schema']}")
    raised, files = plain["raised"], plain["files"]
    if not isinstance(raised, dict) or not isinstance(files, dict):
        raise TypeError("not an object")
    return KillRecord(
        {str(scope): int(epoch) for scope, epoch in raised.items()},
        {str(k): str(v) for k, v in files.items()},
    )
