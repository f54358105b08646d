"""What the ledger's rows mean for one environment: what was meant to run, what is known to run, who paused it.

Pure: rows in, facts out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ci.delivery.ledger import Entry

INTENT, RECEIPT, SUSPEND, RESUME = "intent", "receipt", "suspend", "resume"


@dataclass(frozen=True, slots=True)
class Publication:
    """One snapshot that may stand in Redis: its generation, its digest, the commits it is the safest of."""

    generation: int
    digest: str
    commits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The end of a run: the commit it made true, what it left in Redis, and what it still held back."""

    target: str
    published: Publication | None
    held: str
    at: datetime
    seq: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """All that counts of one environment's rows."""

    receipt: Receipt | None = None
    open: tuple[Publication, ...] = ()
    newest_generation: int = 0
    floor: str = ""
    suspended: str = ""

    @property
    def running(self) -> tuple[str, ...]:
        """Every commit some engine may run on: of the last receipt, and of each intent nobody completed."""
        known = [self.receipt.published] if self.receipt and self.receipt.published else []
        return tuple(
            dict.fromkeys(commit for publication in (*known, *self.open) for commit in publication.commits)
        )

    @property
    def believable(self) -> tuple[Publication, ...]:
        """What Redis' head may name without a forgery: the last receipt's publication, or a later intent's."""
        known = [self.receipt.published] if self.receipt and self.receipt.published else []
        return (*known, *self.open)


def read(entries: Iterable[Entry], environment: str) -> Record:
    """The record of `environment` from all rows, oldest first."""
    record = Record()
    for entry in entries:
        if entry.environment == environment:
            record = _after(record, entry)
    return record


def publication(body: Mapping[str, Any]) -> Publication | None:
    """The publication a row names; None when it names none."""
    if not body.get("generation"):
        return None
    return Publication(int(body["generation"]), str(body["digest"]), tuple(body["commits"]))


def find_intent(entries: Iterable[Entry], environment: str, generation: int) -> Publication | None:
    """The intent that allotted this generation; the engine believes a head only if it agrees with it."""
    for entry in entries:
        if entry.environment == environment and entry.kind == INTENT:
            found = publication(entry.content)
            if found and found.generation == generation:
                return found
    return None


def _after(record: Record, entry: Entry) -> Record:
    body = entry.content
    if entry.kind == INTENT:
        meant = publication(body)
        opened = (*record.open, meant) if meant else record.open
        newest = max(record.newest_generation, meant.generation if meant else 0)
        return Record(record.receipt, opened, newest, str(body["target"]), record.suspended)
    if entry.kind == RECEIPT:
        receipt = Receipt(
            str(body["target"]), publication(body), str(body["held"]), entry.at, entry.seq, body
        )
        return Record(receipt, (), record.newest_generation, receipt.target, record.suspended)
    if entry.kind in (SUSPEND, RESUME):
        who = f"{body.get('person', '')}: {body.get('reason', '')}" if entry.kind == SUSPEND else ""
        return Record(record.receipt, record.open, record.newest_generation, record.floor, who)
    return record
