"""Make the world match one commit: intent before each write, receipt after the last, safer first.

Never writes a kill or a latch, never acts without the lease, never overwrites what it has not just looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import redis

from ci.delivery import drift, record
from ci.delivery.cloud import Cloud
from ci.delivery.drift import Foreign
from ci.delivery.errors import GateFailedError, OvertakenError
from ci.delivery.ledger import Ledger
from ci.delivery.record import Publication, Record
from ci.delivery.steps import Observed, Plan
from engine.flags.compile import Snapshot
from engine.flags.heads import (
    Conflict,
    Observation,
    PublishAnswer,
    Published,
    Shrunk,
    StaleGeneration,
    UnsoundHead,
)
from engine.flags.store import FlagStore

Observer = Callable[[str], None]


class Schemas(Protocol):
    """The schemas and roles of one environment's database."""

    def pending(self) -> tuple[str, ...]:
        """Migrations not applied yet."""

    def migrate(self) -> tuple[str, ...]:
        """Apply them; what was applied."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything a reconcile touches."""

    ledger: Ledger
    store: FlagStore
    client: redis.Redis
    schemas: Schemas
    cloud: Cloud
    smoke: Callable[[], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Release:
    """The commit to make true, as the ledger will name it.

    facts: what this run's check said of it; in every intent and in the receipt, so that an engine that sees the
    intent first can compile the very bundle already and hold it against `bundle`.

    bootstrapped: migrations that had to come first, because there was no ledger to write to.
    """

    commit: str
    bundle: str
    facts: Mapping[str, Any]
    bootstrapped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did, for people and for the receipt."""

    published: tuple[Publication, ...]
    removed: tuple[str, ...]
    migrated: tuple[str, ...]
    cloud: str
    receipt: int


def observe(
    store: FlagStore, client: redis.Redis, environment: str, digests: frozenset[str]
) -> tuple[Observation, bytes | None, tuple[Foreign, ...]]:
    """One look at Redis: the head, the blob it names, and keys nobody published."""
    seen = store.observe()
    named = seen.head.digest if seen.head else ""
    blob = store.read_blob(named) if named else None
    return seen, blob, drift.find_foreign(client, environment, digests, named)


class Run:
    """One run of a plan under the lease."""

    def __init__(
        self,
        world: World,
        release: Release,
        rows: Record,
        now: Callable[[], datetime],
        by: str,
        progress: Callable[[str], None],
        observer: Observer,
    ) -> None:
        self._world = world
        self._release = release
        self._now = now
        self._by = by
        self._say = progress
        self._reached = observer
        self._open = list(rows.open)
        self._newest = rows.newest_generation
        self._published: list[Publication] = []

    def carry_out(self, plan: Plan, observed: Observed) -> Done:
        """Every step of the plan in its order; stops at the first that fails, with what is safer already out."""
        standing, seen = plan.current, observed.redis
        if plan.first is not None:
            standing = self._publish("first", plan.first, seen, healing=bool(plan.distrust))
            seen = self._read_back(standing)
        removed = self._remove(plan.foreign)
        migrated = (*self._release.bootstrapped, *self._migrate(plan.migrations))
        cloud = self._cloud(plan)
        self._smoke()
        if plan.target is not None:
            is_healing = bool(plan.distrust) and plan.first is None
            standing = self._publish("target", plan.target, seen, healing=is_healing)
            self._read_back(standing)
        done = Done(tuple(self._published), removed, migrated, cloud, 0)
        return replace(done, receipt=self._receipt(standing, plan, done))

    def _publish(self, which: str, snapshot: Snapshot, seen: Observation, *, healing: bool) -> Publication:
        meant = self._intend(which, snapshot)
        self._reached(f"{which} intent written")
        answer = self._world.store.publish(
            snapshot,
            generation=meant.generation,
            observed=seen,
            by=self._by,
            at=self._now(),
            healing=healing,
        )
        if not isinstance(answer, Published):
            raise OvertakenError(
                f"Redis refused generation {meant.generation}: {_because(answer)}",
                "nothing was overwritten; run reconcile again",
            )
        self._published.append(meant)
        self._say(f"published the {which} snapshot {meant.digest[:12]} as generation {meant.generation}")
        self._reached(f"{which} snapshot published")
        return meant

    def _intend(self, which: str, snapshot: Snapshot) -> Publication:
        """The intent row of this publication; one a dead run left is taken up again."""
        for meant in self._open:
            if meant.digest == snapshot.digest and meant.generation == self._newest:
                return meant
        self._newest += 1
        meant = Publication(self._newest, snapshot.digest, tuple(snapshot.commits))
        body = {
            **self._release.facts,
            "generation": meant.generation,
            "digest": meant.digest,
            "commits": list(meant.commits),
            "target": self._release.commit,
            "bundle": self._release.bundle,
            "snapshot": which,
            "by": self._by,
        }
        self._world.ledger.append(record.INTENT, body, self._now())
        self._open.append(meant)
        return meant

    def _read_back(self, meant: Publication) -> Observation:
        seen = self._world.store.observe()
        head = seen.head
        if head is None or (head.generation, head.digest) != (meant.generation, meant.digest):
            raise OvertakenError(
                f"Redis does not show generation {meant.generation} that was just published",
                "somebody wrote in between; run reconcile again",
            )
        return seen

    def _remove(self, foreign: tuple[Foreign, ...]) -> tuple[str, ...]:
        gone = tuple(each.key for each in foreign if drift.remove(self._world.client, each))
        for key in gone:
            self._say(f"removed the foreign key {key}")
        self._reached("foreign keys removed")
        return gone

    def _migrate(self, pending: tuple[str, ...]) -> tuple[str, ...]:
        applied = self._world.schemas.migrate() if pending else ()
        for name in applied:
            self._say(f"migrated the schemas: {name}")
        self._reached("schemas migrated")
        return applied

    def _cloud(self, plan: Plan) -> str:
        if plan.is_cloud_due and plan.cloud_refusals:
            first = plan.cloud_refusals[0]
            raise GateFailedError(
                f"the plan of the cloud is refused by {first.rule}: {first.message}",
                "nothing was changed there and the target alone was not published; "
                "`interlock reconcile` without --apply shows every reason",
            )
        done = self._world.cloud.up() if plan.is_cloud_due else ""
        if done:
            self._say(f"brought the cloud up: {done}")
        self._reached("cloud converged")
        return done

    def _smoke(self) -> None:
        complaints = self._world.smoke()
        if complaints:
            raise GateFailedError(
                f"smoke test failed: {'; '.join(complaints)}",
                "the target alone was not published; fix it, run again",
            )
        self._say("smoke tests passed")
        self._reached("smoke tests passed")

    def _receipt(self, standing: Publication | None, plan: Plan, done: Done) -> int:
        body = {
            **self._release.facts,
            "target": self._release.commit,
            "bundle": self._release.bundle,
            "generation": standing.generation if standing else 0,
            "digest": standing.digest if standing else "",
            "commits": list(standing.commits) if standing else [],
            "held": plan.held,
            "healed": plan.distrust,
            "migrated": list(done.migrated),
            "removed": list(done.removed),
            "cloud": done.cloud,
            "by": self._by,
        }
        entry = self._world.ledger.append(record.RECEIPT, body, self._now())
        self._say(f"wrote receipt {entry.seq}")
        self._reached("receipt written")
        return entry.seq


def _because(answer: PublishAnswer) -> str:
    match answer:
        case Conflict(seen):
            standing = (
                f"generation {seen.head.generation} of {seen.head.by}" if seen.head else "no sound head"
            )
            return f"somebody wrote since we looked, {standing} stands there now"
        case StaleGeneration(current):
            return f"generation {current} stands there already"
        case Shrunk(missing):
            return f"flags would vanish without a tombstone in config/flags.yaml: {', '.join(missing)}"
        case UnsoundHead(fault):
            return fault
        case Published():
            return "it was published"
