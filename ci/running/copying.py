"""A thread that copies the journal into Postgres for people and reports, beside trading.

Never stands in the way of an order; a lost database is retried, and nothing is skipped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg

from engine.journal import projection

PAUSE_SECONDS = 0.25
RETRY_SECONDS = 2.0

Report = Callable[[str, Mapping[str, Any]], None]


class Copying:
    """Copies what the journal grew by, again and again."""

    def __init__(
        self, journal: Path, connect: Callable[[], psycopg.Connection[Any]], schema: str, report: Report
    ) -> None:
        self._journal = journal
        self._connect = connect
        self._schema = schema
        self._report = report
        self._connection: psycopg.Connection[Any] | None = None
        self._size = -1
        self._is_down = False
        self._said: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="projection", daemon=True)

    def start(self) -> None:
        """Copy until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Copy what is there once more, then end."""
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(RETRY_SECONDS if self._is_down else PAUSE_SECONDS)
            self._attempt()
        if self._connection is not None:
            self._connection.close()

    def _attempt(self) -> None:
        try:
            self._copy()
        except (psycopg.Error, OSError) as error:
            self._lost(error)
            return
        if self._is_down:
            self._is_down = False
            self._said.clear()
            self._report("projection_back", {})

    def _copy(self) -> None:
        size = self._journal.stat().st_size
        if size == self._size:
            return
        if self._connection is None:
            self._connection = self._connect()
        projection.copy(self._journal, self._connection, self._schema)
        self._size = size

    def _lost(self, error: Exception) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._is_down = True
        said = str(error).strip().partition("\n")[0]
        if said not in self._said:
            self._said.add(said)
            self._report("projection_failed", {"reason": said})
