"""Two threads that watch the kill inputs outside this process: files every 10 ms, Redis on its own connection.

Neither waits for the other, so a stalled Redis never delays a trip file.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import redis

from engine.clock import Clock
from engine.flags.store import FlagStore
from engine.kill import KillSwitch, identity, trip_scope

FILE_SECONDS = 0.01
POLL_SECONDS = 1.0
BLOCK_MILLISECONDS = 50
RETRY_SECONDS = 0.2

Report = Callable[[str, Mapping[str, Any]], None]


class _Watch:
    """A daemon thread with a stop; a crash in it is a kill, never silence."""

    def __init__(self, name: str, switch: KillSwitch) -> None:
        self._switch = switch
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._guarded, name=name, daemon=True)

    def start(self) -> None:
        """Watch until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns when it ended."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(5)

    def _guarded(self) -> None:
        try:
            self._run()
        except Exception as error:
            self._switch.trip(f"{self._thread.name} crashed: {type(error).__name__}: {error}")

    def _run(self) -> None:
        raise NotImplementedError


class FileWatch(_Watch):
    """Looks for trip files; a folder that cannot be read is a kill."""

    def __init__(self, folder: Path, switch: KillSwitch) -> None:
        super().__init__("kill-files", switch)
        self._folder = folder
        self._seen: dict[str, str] | None = None
        self._is_blind = False

    def look(self) -> None:
        """Read the folder once; the switch is told only of a difference."""
        try:
            found = self._trip_files()
        except OSError as error:
            if not self._is_blind:
                self._is_blind = True
                self._switch.trip(f"the trip folder cannot be read: {error.strerror}")
            return
        self._is_blind = False
        if found != self._seen:
            self._switch.note_files(found)
            self._seen = found

    def _trip_files(self) -> dict[str, str]:
        found = {}
        for name in os.listdir(self._folder):
            if trip_scope(name) is not None:
                with contextlib.suppress(FileNotFoundError):  # put away a moment ago
                    found[name] = identity(self._folder / name)
        return found

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.look()
            self._stopping.wait(FILE_SECONDS)


class StoreWatch(_Watch):
    """Reads the kill hash on each log entry and at least every second; says when it last could."""

    def __init__(self, store: FlagStore, switch: KillSwitch, clock: Clock, report: Report) -> None:
        super().__init__("kill-redis", switch)
        self._store = store
        self._clock = clock
        self._report = report
        self._is_down = False
        self.confirmed_at: float | None = None
        self.last = ""

    def look(self) -> None:
        """Read the kills once; a silent store is `redis.RedisError`."""
        self._switch.note_store(self._store.kills())
        self.confirmed_at = self._clock.monotonic()
        if self._is_down:
            self._is_down = False
            self._report("kill_store_back", {})

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.last = self.last or self._store.newest()
                self.look()
                self.last = self._pause(self.last)
            except redis.RedisError as error:
                self.last = ""
                self._lost(error)

    def _pause(self, last: str) -> str:
        until = self._clock.monotonic() + POLL_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
        while not self._stopping.is_set() and self._clock.monotonic() < until:
            newest = self._store.wait(last, BLOCK_MILLISECONDS)
            if newest:
                return newest
        return last

    def _lost(self, error: Exception) -> None:
        if not self._is_down:
            self._is_down = True
            self._report("kill_store_unreachable", {"reason": f"{type(error).__name__}: {error}"})
        self._stopping.wait(RETRY_SECONDS)
