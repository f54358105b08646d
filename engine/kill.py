"""Every way to stop, any one enough: trip file, Redis, Git, this process; the latch closes before all else.

Never opens the latch but for a release merged in Git that names the epoch, and never while a kill input is unread.
"""

from __future__ import annotations

import contextlib
import json
import stat
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from config.models.records import Release
from engine.killing.kill_record import KillRecord, keep, load
from engine.killing.latch import Latch

TRIP = "trip"
GLOBAL = "global"

Report = Callable[[str, Mapping[str, Any]], None]


def trip_name(scope: str) -> str:
    """The name of the file that kills `scope`; plain `trip` kills everything."""
    return TRIP if scope == GLOBAL else f"{TRIP}@{scope}"


def trip_scope(name: str) -> str | None:
    """The scope a file of this name kills, or None when it is no trip file."""
    if name == TRIP:
        return GLOBAL
    return name.removeprefix(f"{TRIP}@") or GLOBAL if name.startswith(f"{TRIP}@") else None


class KillSwitch:
    """All kill inputs of one engine, one latch, one record on disk."""

    def __init__(
        self,
        folder: Path,
        latch: Latch,
        *,
        account: str,
        strategy: str,
        report: Report,
        killed: Callable[[str, int], None] = lambda cause, epoch: None,
    ) -> None:
        """folder: the engine's own, synced.  killed: called after the latch closed for a kill, before it is stored."""
        self._folder = folder
        self._latch = latch
        self._mine = {f"account:{account}", f"strategy:{strategy}"}
        self._report = report
        self._killed = killed
        self._lock = threading.RLock()
        self._record = load(folder)
        self._stored = self._record
        self._releases: dict[str, Release] = {}
        self._unreadable: frozenset[str] = frozenset()
        self._halted = False
        self._read: set[str] = set()
        self._needed = {"file", "redis", "git"}
        self._said: tuple[frozenset[tuple[str, int]], bool] | None = None
        self.scopes: frozenset[str] = frozenset({GLOBAL})

    @property
    def epoch(self) -> int:
        """The highest kill epoch this engine ever saw."""
        return self._record.highest

    def trip(self, cause: str, scope: str = GLOBAL) -> None:
        """Kill from inside this process."""
        self._close(cause, scope, None)
        with self._lock:
            self._settle(self._record.with_kill(scope, None), cause)

    def note_files(self, files: Mapping[str, str]) -> None:
        """The trip files that stand in the folder now: name -> identity."""
        fresh = {name: seen for name, seen in files.items() if self._record.files.get(name) != seen}
        for name in fresh:
            self._close("file", trip_scope(name) or GLOBAL, None)
        with self._lock:
            self._read.add("file")
            record = self._record
            for name, seen in fresh.items():
                scope = trip_scope(name) or GLOBAL
                epoch = self._named(scope, _epoch_in(self._folder / name), record)
                record = record.with_kill(scope, epoch).with_file(name, seen)
            self._settle(record, "file")

    def note_store(self, kills: Mapping[str, int | None]) -> None:
        """The kills Redis holds now; what vanished there stays raised here."""
        for scope, epoch in kills.items():
            if epoch is None or epoch > max(self._released(scope), self._record.raised.get(scope, 0)):
                self._close("redis", scope, epoch)
        with self._lock:
            self._read.add("redis")
            self._unreadable = frozenset(scope for scope, epoch in kills.items() if epoch is None)
            record = self._record
            for scope, epoch in kills.items():
                if epoch is not None or scope not in record.raised:
                    record = record.with_kill(scope, epoch)
            self._settle(record, "redis")

    def recall(self, epoch: int) -> None:
        """The journal ends in a kill that nothing else remembers and nobody released: it stands again."""
        self._close("journal", GLOBAL, epoch)
        with self._lock:
            self._settle(self._record.with_kill(GLOBAL, max(epoch, self._record.highest, 1)), "journal")

    def start_without_store(self) -> None:
        """Redis does not answer at the start: exits may go, and every flag counts as killed until it was read."""
        with self._lock:
            self._needed = {"file", "git"}
            self._settle(self._record, "redis")

    def note_git(self, *, halted: bool, releases: Sequence[Release]) -> None:
        """What the commit in force says: whether trading is halted, and which kills people released."""
        if halted:
            self._close("git", GLOBAL, None)
        with self._lock:
            self._read.add("git")
            self._halted = halted
            self._releases = {}
            for release in releases:
                known = self._releases.get(release.scope)
                if known is None or release.epoch > known.epoch:
                    self._releases[release.scope] = release
            self._settle(self._record, "git")

    def _close(self, cause: str, scope: str, epoch: int | None) -> None:
        """First of all: before a lock that somebody may hold over a slow disk."""
        if self._stops(scope):
            self._latch.close(cause, epoch or 0)

    def _stops(self, scope: str) -> bool:
        """Whether a kill of this scope stops this engine; a flag's stops that flag, an unknown word everything."""
        kind, _, name = scope.partition(":")
        if kind in ("account", "strategy") and name:
            return scope in self._mine
        return not (kind == "flag" and name)

    def _released(self, scope: str) -> int:
        release = self._releases.get(scope)
        return release.epoch if release else 0

    def _named(self, scope: str, epoch: int | None, record: KillRecord) -> int | None:
        """The epoch a trip file brings; one that is over already cannot name a new kill."""
        if epoch is None or epoch <= self._released(scope) or epoch < record.raised.get(scope, 0):
            return None
        return epoch

    def _settle(self, record: KillRecord, cause: str) -> None:
        """Close or open the latch for what is known now, then tell, then store."""
        closings = self._latch.closings
        self._record = record = self._put_away(record)
        active = record.active({scope: release.epoch for scope, release in self._releases.items()})
        known = set(active) | self._unreadable | {trip_scope(name) or GLOBAL for name in record.files}
        is_known = self._needed <= self._read
        is_whole = is_known and "redis" in self._read
        self.scopes = frozenset(known | (set() if is_whole and not self._halted else {GLOBAL}))
        stopping = {scope: active.get(scope, 0) for scope in known if self._stops(scope)}
        if stopping or self._halted:
            self._stop(cause if stopping else "git", stopping)
        elif is_known and self._latch.closed:
            self._open(closings)
        self._store()

    def _stop(self, cause: str, stopping: Mapping[str, int]) -> None:
        epoch = max(stopping.values(), default=0)
        self._latch.close(cause, epoch)
        said = (frozenset(stopping.items()), self._halted)
        if said != self._said:
            self._said = said
            self._report("latch_closed", {"by": cause, "epoch": epoch, "scopes": sorted(stopping)})
            self._killed(cause, epoch)

    def _open(self, closings: int) -> None:
        if self._latch.open(closings):
            self._said = None
            released = {scope: release.person for scope, release in self._releases.items()}
            self._report("latch_opened", {"epoch": self._record.highest, "record": released})

    def _put_away(self, record: KillRecord) -> KillRecord:
        """Rename the trip files whose kill was released, so that they stand as history and not as kills."""
        for name in list(record.files):
            scope = trip_scope(name) or GLOBAL
            epoch = record.raised.get(scope, 0)
            if 0 < epoch <= self._released(scope) and self._renamed(name, epoch, record.files[name]):
                record = record.without_file(name)
        return record

    def _renamed(self, name: str, epoch: int, counted: str) -> bool:
        path = self._folder / name
        try:
            if identity(path) == counted:
                path.rename(self._folder / f"ended-{name}-{epoch}")
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return not path.exists()

    def _store(self) -> None:
        if self._record == self._stored:
            return
        try:
            keep(self._folder, self._record)
            self._stored = self._record
        except OSError as error:
            self._latch.close("kill record cannot be stored", self._record.highest)
            self._report("kill_not_stored", {"reason": str(error)})


def identity(path: Path) -> str:
    """What tells one trip file from a later one of the same name."""
    facts = path.stat()
    return f"{facts.st_ino}:{facts.st_mtime_ns}"


def _epoch_in(path: Path) -> int | None:
    """The epoch `interlock kill` wrote into a trip file; any other content is a kill just as well."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        if stat.S_ISREG(path.stat().st_mode):  # a pipe would block
            epoch = int(json.loads(path.read_bytes()[:4096])["epoch"])
            return epoch if epoch > 0 else None
    return None
