"""Keeps the snapshot in force equal to the published one, in the background; readers take one reference.

Never adopts what `adoption.py` does not answer for, and never takes a wish from Redis: a store that is silent, wiped
or forged can only make this engine more careful. Wakes on the log (lossless), polls every second as a backstop.
"""

from __future__ import annotations

import os
import random
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import redis

from engine.clock import Clock
from engine.durable import Floor
from engine.flags.adoption import (
    Adopted,
    Answer,
    BundleSource,
    Foreign,
    LedgerView,
    Unchanged,
    Waiting,
    weigh,
)
from engine.flags.disk_copy import DiskCopy
from engine.flags.heads import Observation
from engine.flags.store import FlagStore

POLL_SECONDS = 1.0
BLOCK_MILLISECONDS = 50
RETRY_SECONDS = 0.2

Report = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """What readers see, swapped whole: the snapshot in force, and whether the store contradicts it."""

    adopted: Adopted | None
    trusted: bool
    confirmed_at: float | None


class Follower:
    """One background thread that follows the head of one environment."""

    def __init__(
        self,
        store: FlagStore,
        ledger: LedgerView,
        source: BundleSource,
        floor: Floor,
        clock: Clock,
        report: Report,
        adopted: Callable[[Adopted], None] = lambda _: None,
        copy: DiskCopy | None = None,
    ) -> None:
        """report: told each change of mind once.  adopted: told after a snapshot came into force."""
        self._store = store
        self._ledger = ledger
        self._source = source
        self._floor = floor
        self._clock = clock
        self._report = report
        self._tell = adopted
        self._copy = copy
        self._said = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.standing = Standing(None, trusted=True, confirmed_at=None)
        _alive.add(self)

    def start(self) -> None:
        """Follow until `stop`."""
        self._thread = threading.Thread(target=self._run, name="flags-follow", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns when it ended."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)

    def restore(self) -> bool:
        """Put what was in force before a restart back, unconfirmed: dangerous flags stay safe until it is."""
        kept = self._copy.restore(self._source) if self._copy else None
        if kept is None or kept.generation != self._floor.value:
            return False
        self.standing = Standing(kept, trusted=True, confirmed_at=None)
        self._report("snapshot_restored", {"generation": kept.generation, "digest": kept.snapshot.digest})
        self._tell(kept)
        return True

    def look(self) -> Answer:
        """Read the head once and act on it; a silent store is `redis.RedisError`."""
        seen = self._store.observe()
        blob = self._store.read_blob(seen.head.digest) if seen.head else None
        answer = weigh(seen, blob, self.standing.adopted, self._floor.value, self._ledger, self._source)
        match answer:
            case Adopted():
                self._adopt(answer)
            case Unchanged():
                self._confirm()
            case Waiting(why) | Foreign(why):
                self._doubt(answer, why, seen)
        return answer

    def forget_confirmation(self) -> None:
        """Nothing is confirmed any more: the thread that did so is gone (fork)."""
        self.standing = Standing(self.standing.adopted, self.standing.trusted, confirmed_at=None)

    def _adopt(self, adopted: Adopted) -> None:
        self.standing = Standing(adopted, trusted=True, confirmed_at=self._clock.monotonic())
        self._said = ""
        self._floor.raise_to(adopted.generation)
        if self._copy is not None:
            self._copy.keep(adopted)
        snapshot = adopted.snapshot
        self._report(
            "snapshot_adopted",
            {
                "generation": adopted.generation,
                "commit": snapshot.commit,
                "commits": list(snapshot.commits),
                "digest": snapshot.digest,
                "published_at": adopted.published_at,
            },
        )
        self._tell(adopted)

    def _confirm(self) -> None:
        self.standing = Standing(self.standing.adopted, trusted=True, confirmed_at=self._clock.monotonic())
        if self.standing.adopted is not None:
            self._floor.raise_to(self.standing.adopted.generation)
        if self._said:
            self._said = ""
            self._report("head_confirmed", {})

    def _doubt(self, answer: Waiting | Foreign, why: str, seen: Observation) -> None:
        """Keep what is in force; while a foreign head stands, whatever costs money is safe at once."""
        is_foreign = isinstance(answer, Foreign)
        before = self.standing
        self.standing = Standing(before.adopted, not is_foreign, before.confirmed_at)
        said = f"{why} {seen.token!r}"
        if said == self._said:
            return
        self._said = said
        head = seen.head
        self._report(
            "head_refused" if is_foreign else "head_waiting",
            {
                "reason": why,
                "generation": head.generation if head else None,
                "digest": head.digest if head else None,
                "commits": list(head.commits) if head else [],
            },
        )

    def _run(self) -> None:
        last = ""
        while not self._stop.is_set():
            try:
                last = last or self._store.newest()
                self.look()
                last = self._pause(last)
            except redis.RedisError as error:
                last = ""
                self._complain("store_unreachable", error)
            except Exception as error:  # a crash may never freeze values in silence
                last = ""
                self.standing = Standing(self.standing.adopted, trusted=False, confirmed_at=None)
                self._complain("follower_crashed", error)

    def _pause(self, last: str) -> str:
        """Wait for a log entry, at most about a second; answers the newest entry known."""
        until = self._clock.monotonic() + POLL_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
        while not self._stop.is_set() and self._clock.monotonic() < until:
            newest = self._store.wait(last, BLOCK_MILLISECONDS)
            if newest:
                return newest
        return last

    def _complain(self, event: str, error: Exception) -> None:
        if self._said != event:
            self._said = event
            self._report(event, {"reason": f"{type(error).__name__}: {error}"})
        self._stop.wait(RETRY_SECONDS)


_alive: weakref.WeakSet[Follower] = weakref.WeakSet()


def _after_fork() -> None:
    for follower in list(_alive):
        follower.forget_confirmation()


os.register_at_fork(after_in_child=_after_fork)
