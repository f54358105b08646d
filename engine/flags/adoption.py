"""Whether the head Redis names may be adopted: only what Git recomputes byte for byte and the ledger intended.

Never changes anything; `follow.py` acts on the answer. From Redis itself nothing is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from config.bundle import Bundle
from config.findings import Refused
from engine.flags.compile import Snapshot, compile_snapshot
from engine.flags.heads import Head, Observation


@dataclass(frozen=True, slots=True)
class Intent:
    """What the ledger says was to be published under a generation."""

    digest: str
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The ledger gave no answer."""

    why: str


class BundleSource(Protocol):
    """The engine's own source of bundles; Redis is none."""

    def bundles(self, commits: Sequence[str]) -> Sequence[Bundle] | Refused:
        """The accepted bundles of these commits in their order, or why there is none."""


class LedgerView(Protocol):
    """The one question the engine asks the ledger."""

    def intent(self, generation: int) -> Intent | Unreachable | None:
        """What was intended under this generation; None: the ledger knows no such generation."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """The snapshot in force, the generation it came under, and the bundles it was recomputed from."""

    snapshot: Snapshot
    generation: int
    bundles: tuple[Bundle, ...]
    published_at: str
    bundle_digest: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The head is the one already adopted."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing to adopt for now (no head, no ledger, no such commit yet): keep what is in force."""

    why: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """Somebody wrote what neither Git nor the ledger says: never adopted, always reported."""

    why: str


Answer = Adopted | Unchanged | Waiting | Foreign


def weigh(
    seen: Observation,
    blob: bytes | None,
    in_force: Adopted | None,
    floor: int,
    ledger: LedgerView,
    source: BundleSource,
) -> Answer:
    """What to do about the observed head and the blob it names; `floor`: highest generation ever adopted."""
    if seen.head is None:
        return Foreign(seen.fault) if seen.fault else Waiting("no head is published")
    head = seen.head
    if in_force is not None and head.generation == in_force.generation:
        return _same(head, blob, in_force)
    return _known(head, floor, ledger) or _recomputed(head, blob, source)


def _same(head: Head, blob: bytes | None, in_force: Adopted) -> Answer:
    if head.digest != in_force.snapshot.digest or head.commits != in_force.snapshot.commits:
        return Foreign(f"generation {head.generation} names another snapshot than before")
    return _blob_answer(blob, in_force.snapshot) or Unchanged()


def _known(head: Head, floor: int, ledger: LedgerView) -> Answer | None:
    """What speaks against this generation, or None."""
    intent = ledger.intent(head.generation)
    if isinstance(intent, Unreachable):
        return Waiting(f"the ledger does not answer: {intent.why}")
    if intent is None:
        return Foreign(f"the ledger knows no generation {head.generation}")
    if intent.digest != head.digest:
        return Foreign(f"the ledger intended another snapshot under generation {head.generation}")
    if head.generation < floor:
        return Waiting(f"generation {head.generation} is older than {floor}, which was in force here")
    if intent.superseded:
        return Waiting(f"generation {head.generation} was replaced by a later one")
    return None


def _recomputed(head: Head, blob: bytes | None, source: BundleSource) -> Answer:
    bundles = source.bundles(head.commits)
    if isinstance(bundles, Refused):
        return Waiting(f"this engine has no bundle for it: {bundles.findings[0].message}")
    snapshot = compile_snapshot(bundles)
    if snapshot.digest != head.digest or snapshot.commits != head.commits:
        return Foreign("Git gives another snapshot for these commits")
    return _blob_answer(blob, snapshot) or Adopted(
        snapshot, head.generation, tuple(bundles), head.at, bundles[-1].digest
    )


def _blob_answer(blob: bytes | None, snapshot: Snapshot) -> Answer | None:
    if blob is None:
        return Waiting("the snapshot named by the head is gone from the store")
    return None if blob == snapshot.payload() else Foreign("the stored snapshot is not what Git gives")
