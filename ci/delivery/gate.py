"""The gate of a reconcile: provenance first, then this very run's check of the commit against what ran before.

Never asks the check twice about the same pair of commits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ci.delivery import provenance
from ci.delivery.provenance import Proven
from ci.delivery.record import Record
from ci.delivery.source import Source
from ci.git import Repository
from config.bundle import PolicyRecord
from config.findings import Finding, Refused
from config.models.environment import Environment


@dataclass(frozen=True, slots=True)
class Judged:
    """What `check` said in this run."""

    findings: tuple[Finding, ...]
    is_refused: bool
    policy: PolicyRecord
    summary: str


class Judge(Protocol):
    """`check`, as this run must pass it: a commit, and the commit it is judged against."""

    def __call__(self, commit: str, base: str | None, environment: str) -> Judged: ...


class Gate:
    """One commit, asked about as often as the ledger's facts change."""

    def __init__(
        self,
        repository: Repository,
        source: Source,
        check: Judge,
        progress: Callable[[str], None],
        commit: str,
        environment: Environment,
    ) -> None:
        self._repository = repository
        self._source = source
        self._check = check
        self._progress = progress
        self._commit = commit
        self._environment = environment
        self._verdicts: dict[str | None, Judged] = {}

    def judged(self, facts: Record) -> Judged | Refused:
        """The commit's provenance, then this very run's check."""
        recorded = facts.receipt.target if facts.receipt else facts.floor
        if recorded and not self._repository.exists(recorded):
            recorded = ""  # `prove` refuses by the floor, and says what is missing
        keys = self._source.desired(recorded or self._commit)
        place = keys.documents[provenance.KEYRING].places.value(("protected_branch",))
        proven = provenance.prove(
            self._repository,
            self._commit,
            floor=facts.floor,
            branch=keys.catalogue.keyring.protected_branch,
            branch_place=place,
            tier=self._environment.tier,
        )
        if not isinstance(proven, Proven):
            return proven
        base = recorded if recorded != self._commit else ""
        judged = self._judge(base or None)
        return Refused(judged.findings) if judged.is_refused else judged

    def _judge(self, base: str | None) -> Judged:
        if base not in self._verdicts:
            against = f", a change from {base[:12]}" if base else ""
            self._progress(f"checking commit {self._commit[:12]}{against}")
            self._verdicts[base] = self._check(self._commit, base, self._environment.environment)
        return self._verdicts[base]
