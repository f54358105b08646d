"""What must still happen: desired against observed, one plan, safer first; pure.

Level-triggered: looks at what is, never at what the last run did or meant to do next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci.delivery.cloud import Look
from ci.delivery.drift import Foreign
from ci.delivery.record import Publication, Record
from config.findings import Finding
from engine.flags.compile import Snapshot
from engine.flags.heads import Observation

if TYPE_CHECKING:
    from infra.drift import Drifted

SnapshotOf = Callable[[Sequence[str]], Snapshot]
Hold = Callable[[bool], str]

POINTS = (
    "lease taken",
    "ledger ready",
    "world observed",
    "first intent written",
    "first snapshot published",
    "foreign keys removed",
    "schemas migrated",
    "cloud converged",
    "smoke tests passed",
    "target intent written",
    "target snapshot published",
    "receipt written",
)


@dataclass(frozen=True, slots=True)
class Observed:
    """The world at one look: Redis' head and the blob it names, keys nobody published, schema steps not taken, and
    what differs in the cloud (or why that was not looked at)."""

    redis: Observation
    blob: bytes | None
    foreign: tuple[Foreign, ...]
    pending: tuple[str, ...]
    cloud: Look = Look()  # noqa: RUF009 (frozen)
    unlooked: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run does, in the order of the fields; an empty one means that Git and the world agree.

    current: the publication Redis shows, None when it shows none we can believe; then `distrust` says why.
    held: why the target alone (and with it the cloud) has to wait, empty when nothing waits.
    cloud_plan, cloud_findings: what bringing the cloud up would be, and what the rules say of it.
    unlooked: why the cloud could not be looked at; what nobody looked at is not nothing.
    """

    first: Snapshot | None
    foreign: tuple[Foreign, ...]
    migrations: tuple[str, ...]
    cloud: tuple[Drifted, ...]
    cloud_plan: str
    cloud_findings: tuple[Finding, ...]
    target: Snapshot | None
    is_receipt_due: bool
    held: str
    current: Publication | None
    distrust: str
    unlooked: str

    @property
    def is_empty(self) -> bool:
        """Whether a run would write nothing now; a held part may still wait."""
        acts = self.first or self.foreign or self.migrations or self.target or self.is_receipt_due
        return not (acts or self.unlooked)

    @property
    def is_cloud_due(self) -> bool:
        """Whether the stack is to be brought up in this run."""
        return bool(self.unlooked or self.cloud) and not self.held

    @property
    def cloud_refusals(self) -> tuple[Finding, ...]:
        """Why the cloud may not be brought up."""
        return tuple(finding for finding in self.cloud_findings if finding.refuses)


def make(
    record: Record,
    observed: Observed,
    target: str,
    snapshot_of: SnapshotOf,
    *,
    loosens: bool,
    tightens: bool,
    hold: Hold,
) -> Plan:
    """The plan that brings `observed` to `target`; `loosens`, `tightens`: a key that is no flag does.

    An engine runs the safest configuration over all commits the head lists, so listing the target tightens at once.
    """
    running = () if _is_first_run(record, observed) else record.running
    current, distrust = _believe(record, observed, snapshot_of)
    final = snapshot_of((target,))
    merged = snapshot_of((*(commit for commit in running if commit != target), target))
    is_done = current is not None and current.digest == final.digest
    is_riskier = loosens or not running or meaning(merged) != meaning(final)
    held = "" if is_done else hold(is_riskier)
    is_urgent = tightens and (current is None or target not in current.commits)
    first = None if is_done or not running else _first(current, merged, final, snapshot_of, is_urgent)
    is_last_word = first is not None and first.digest == final.digest
    last = None if is_done or held or is_last_word else final
    acts = bool(
        first or last or observed.foreign or observed.pending or (observed.cloud.differs and not held)
    )
    return Plan(
        first=first,
        foreign=observed.foreign,
        migrations=observed.pending,
        cloud=observed.cloud.differs,
        cloud_plan=observed.cloud.plan,
        cloud_findings=observed.cloud.findings,
        unlooked=observed.unlooked,
        target=last,
        is_receipt_due=acts or not _is_recorded(record, target, held),
        held=held,
        current=current,
        distrust=distrust,
    )


def meaning(snapshot: Snapshot) -> tuple[object, ...]:
    """What a snapshot lets in, whichever commits it was made from."""
    return snapshot.flags, snapshot.retired, snapshot.trading_halted


def _is_first_run(record: Record, observed: Observed) -> bool:
    """Nothing is recorded as published and nothing stands: at most a run died before its first publication."""
    return (record.receipt is None or record.receipt.published is None) and observed.redis.is_absent


def _believe(record: Record, observed: Observed, snapshot_of: SnapshotOf) -> tuple[Publication | None, str]:
    """The publication Redis shows, if the ledger meant it and Git recomputes it byte for byte."""
    head = observed.redis.head
    if observed.redis.fault:
        return None, observed.redis.fault
    if head is None:
        return None, "" if _is_first_run(record, observed) else "the head is missing"
    shown = Publication(head.generation, head.digest, tuple(head.commits))
    if shown not in record.believable:
        return (
            None,
            f"the ledger never meant generation {head.generation} with snapshot {head.digest[:12]} to run",
        )
    if observed.blob is None:
        return None, f"snapshot {head.digest[:12]} is missing"
    if observed.blob != snapshot_of(shown.commits).payload():
        return None, f"snapshot {head.digest[:12]} is not what Git says it is"
    return shown, ""


def _first(
    current: Publication | None, merged: Snapshot, final: Snapshot, snapshot_of: SnapshotOf, is_urgent: bool
) -> Snapshot | None:
    """What goes out at once: the safest of all that may run and the target, if that changes anything."""
    if merged.digest == final.digest:
        return final
    if is_urgent or current is None or meaning(snapshot_of(current.commits)) != meaning(merged):
        return merged
    return None


def _is_recorded(record: Record, target: str, held: str) -> bool:
    receipt = record.receipt
    return receipt is not None and not record.open and receipt.target == target and receipt.held == held
