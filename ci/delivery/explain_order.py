"""Why an order was allowed or denied: found in the engine's journal, then decided anew from Git alone.

Never repeats what the journal says without recomputing it; what Git cannot know (a kill, a stale lease) is said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ci.delivery import record
from ci.delivery.ledger import Entry, instant, verify
from ci.delivery.order_rows import Row, find
from ci.delivery.reading import environment_at
from ci.delivery.source import UNJUDGED, Source
from ci.errors import UsageError
from ci.git import Repository
from config.bundle import PolicyRecord
from engine.flags.compile import Snapshot
from engine.flags.decide import Decision, decide

MATCHES, DIFFERS, UNKNOWN = "matches", "differs", "not known"
_RUN_TIME = ("KILLED", "STALE_LEASE", "FAIL_SAFE")


@dataclass(frozen=True, slots=True)
class Proof:
    """One recorded fact beside the same fact computed from Git now."""

    fact: str
    recorded: str
    recomputed: str

    @property
    def verdict(self) -> str:
        if not self.recomputed:
            return UNKNOWN
        return MATCHES if self.recorded == self.recomputed else DIFFERS


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer; `rules` judged the commit in the run whose receipt is `receipt`."""

    row: Row
    proofs: tuple[Proof, ...]
    rules: tuple[str, ...]
    receipt: int
    effective: str
    note: str

    @property
    def holds(self) -> bool:
        """Whether everything recorded was recomputed, byte for byte."""
        return all(proof.verdict == MATCHES for proof in self.proofs)


def explain_order(
    order_id: str, repository: Repository, environment: str, state: Path, rows: Sequence[Entry]
) -> Explained:
    """Explain `order_id`; `rows` is the environment's ledger (`reading.ledger_rows`)."""
    if broken := verify(rows):
        raise UsageError(
            f"the ledger does not prove itself: {broken.reason}", "look with `interlock ledger verify`"
        )
    row = find(order_id, environment_at(repository, "HEAD", environment), state)
    source = Source(repository, environment)
    commit, generation = str(row.body.get("commit", "")), int(row.body.get("generation", 0))
    meant = record.find_intent(rows, environment, generation)
    receipt = _receipt(rows, environment, commit)
    snapshot = source.snapshot(meant.commits if meant else (commit,))
    proofs = _proofs(row, source, snapshot, receipt, meant.digest if meant else "")
    return Explained(
        row=row,
        proofs=tuple(proofs),
        rules=tuple(receipt.content["rules"]) if receipt else (),
        receipt=receipt.seq if receipt else 0,
        effective=instant(receipt.at) if receipt else "",
        note=_note(row),
    )


def _proofs(
    row: Row, source: Source, snapshot: Snapshot, receipt: Entry | None, intended: str
) -> Iterator[Proof]:
    body, commit = row.body, str(row.body.get("commit", ""))
    yield Proof("snapshot the ledger intended", str(body.get("snapshot_digest", "")), intended)
    yield Proof("snapshot from Git", str(body.get("snapshot_digest", "")), snapshot.digest)
    yield Proof("commit", commit, snapshot.commit)
    yield Proof("bundle from Git", str(body.get("bundle_digest", "")), _bundle(source, body, receipt))
    decided = _decided(row, source, snapshot)
    is_git_s = str(body.get("reason", "")) not in _RUN_TIME
    yield Proof("reason", str(body.get("reason", "")), decided.reason.value if is_git_s else "")
    yield Proof("bucket", _text(body.get("bucket")), _text(decided.bucket) if is_git_s else "")


def _decided(row: Row, source: Source, snapshot: Snapshot) -> Decision:
    desired = source.desired(snapshot.commit)
    venue = desired.catalogue.venues.venues[desired.environments[source.environment].venue.name]
    flag = str(row.body.get("flag", ""))
    return decide(snapshot, flag, row.account, kills=(), venue_kind=venue.kind, lease_ok=True)


def _bundle(source: Source, body: Mapping[str, Any], receipt: Entry | None) -> str:
    """The bundle's digest under the policy record the engine had: the receipt's, or none at all."""
    commit = str(body.get("commit", ""))
    policies = [UNJUDGED]
    if receipt is not None:
        told = receipt.content
        policies.insert(
            0, PolicyRecord(tuple(told["rules"]), told["policy"], told["findings"], told["waived"])
        )
    digests = [source.bundle(commit, policy).digest for policy in policies]
    return next((digest for digest in digests if digest == body.get("bundle_digest")), digests[0])


def _receipt(rows: Iterable[Entry], environment: str, commit: str) -> Entry | None:
    """The first receipt of the run that judged this commit."""
    ours = (row for row in rows if row.environment == environment and row.kind == record.RECEIPT)
    return next((row for row in ours if row.content.get("target") == commit), None)


def _note(row: Row) -> str:
    reason = str(row.body.get("reason", ""))
    if reason in _RUN_TIME:
        return f"{reason} is a matter of run time: a kill, a lease or an untrusted store, which Git does not know"
    return ""


def _text(value: object) -> str:
    return "none" if value is None else str(value)
