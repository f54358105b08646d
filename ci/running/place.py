"""How far a feed was driven, so that a restart goes on where the last run stopped.

Not durable on purpose: after a crash at most a second of bars is seen twice, and their signals are known by then.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

FILE = "feed.json"


def last_feed(folder: Path) -> tuple[str, tuple[str, ...]] | None:
    """Name and symbols of the feed that was driven last, to go on with it; None where nothing tells."""
    try:
        known = json.loads((folder / FILE).read_bytes())
        return str(known["feed"]), tuple(map(str, known["symbols"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Place:
    """The time of the last bar of one feed; another feed begins at its beginning."""

    def __init__(self, folder: Path, source: str, name: str, symbols: tuple[str, ...]) -> None:
        self._path = folder / FILE
        self._source = source
        self._name = str(Path(name).absolute()) if Path(name).is_file() else name
        self._symbols = symbols
        self.last = self._stored()

    def keep(self, at: int) -> None:
        """Remember the bar at this time; a disk that fails costs a bookmark here, never the engine."""
        if at <= self.last:
            return
        self.last = at
        beside = self._path.with_name(f".{FILE}.{os.getpid()}")
        try:
            known = {"source": self._source, "at": at, "feed": self._name, "symbols": self._symbols}
            beside.write_text(json.dumps(known), encoding="utf-8")
            os.replace(beside, self._path)
        except OSError:
            with suppress(OSError):
                beside.unlink()

    def _stored(self) -> int:
        try:
            known = json.loads(self._path.read_bytes())
            return int(known["at"]) if known["source"] == self._source else -1
        except (OSError, ValueError, KeyError, TypeError):
            return -1
