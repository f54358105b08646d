"""The last adopted head on this engine's own disk, so that a restart without Redis or ledger knows where it stood.

Holds no flags: they are recomputed from Git and must give the same digest, or the copy is worth nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from config.digest import canonical
from config.findings import Refused
from engine.durable import DamagedStateError, write_durably
from engine.flags.adoption import Adopted, BundleSource
from engine.flags.compile import compile_snapshot

FILE = "adopted.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class _Kept:
    generation: int
    commits: tuple[str, ...]
    digest: str
    published_at: str


class DiskCopy:
    """One file in the engine's folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def keep(self, adopted: Adopted) -> None:
        """Remember what came into force; returns when it is on disk."""
        said = {
            "schema": SCHEMA,
            "generation": str(adopted.generation),
            "commits": list(adopted.snapshot.commits),
            "digest": adopted.snapshot.digest,
            "published_at": adopted.published_at,
        }
        write_durably(self._path, canonical(said) + b"\n")

    def restore(self, source: BundleSource) -> Adopted | None:
        """What was in force, recomputed; None when nothing was kept or Git no longer gives the same."""
        kept = self._kept()
        if kept is None:
            return None
        bundles = source.bundles(kept.commits)
        if isinstance(bundles, Refused):
            return None
        snapshot = compile_snapshot(bundles)
        if snapshot.digest != kept.digest:
            return None
        return Adopted(snapshot, kept.generation, tuple(bundles), kept.published_at, bundles[-1].digest)

    def _kept(self) -> _Kept | None:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            said = json.loads(data)
            if said["schema"] != SCHEMA:
                raise ValueError(f"schema {said['schema']}")
            commits = tuple(str(commit) for commit in said["commits"])
            return _Kept(int(said["generation"]), commits, str(said["digest"]), str(said["published_at"]))
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedStateError(self._path, f"it is no copy of a head ({error})") from None
