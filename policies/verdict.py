"""What judging answers: findings, and the account of what was judged, reached and proven.

Made in runner.py only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from config.document import KeyPath
from config.findings import Finding
from config.record import record
from policies.inputs import Change, Direction


@record
class RuleProof:
    """How one rule fared: whether it was in scope here, whether its keys exist, whether something fired it."""

    id: str
    slug: str
    severity: str
    scope: str
    judged_by: str
    in_scope: bool
    reached: bool
    proven: bool
    why_not: str = ""
    fired_by: str = ""
    file: str = ""


@record
class MutantFate:
    """One dangerous value of one key, and the rule that refuses it (`shape` for the reader, empty for none)."""

    environment: str
    path: KeyPath
    kind: str
    value: str
    refused_by: str
    reason: str = ""


@record
class Counts:
    """The numbers of the summary line."""

    rules: int
    in_scope: int
    reached: int
    proven: int
    elsewhere: int
    idle: int
    environments: int
    files: int
    keys: int
    mutants: int
    survivors: int
    reasoned: int
    violations: int
    warnings: int
    waived: int
    mutated: int = 0

    def with_findings(self, findings: Sequence[Finding]) -> Counts:
        """These numbers with the findings counted."""
        return replace(
            self,
            violations=sum(finding.refuses for finding in findings),
            warnings=sum(not finding.refuses and not finding.waived for finding in findings),
            waived=sum(finding.waived for finding in findings),
        )

    def sentence(self) -> str:
        """The line every run ends with."""
        idle = f", {self.idle} without an environment of their tier" if self.idle else ""
        refused = self.mutants - self.survivors - self.reasoned
        warnings = f", {_many(self.warnings, 'warning')}" if self.warnings else ""
        return (
            f"{_many(self.rules, 'rule')}: {self.in_scope} in scope, {self.reached} reached, {self.proven} proven, "
            f"{self.elsewhere} judged by other commands{idle}; {_many(self.environments, 'environment')}, "
            f"{_many(self.files, 'file')}, {_many(self.keys, 'key')}, {refused} of "
            f"{_many(self.mutants, 'mutant')} refused{self._of_whom()}; {_many(self.violations, 'violation')}, "
            f"{self.waived} waived{warnings}"
        )

    def _of_whom(self) -> str:
        """What a very large tree leaves out must be said."""
        if not 0 < self.mutated < self.environments:
            return ""
        return f" (of {self.mutated} of {self.environments} environments: one per tier, and keys that only others have)"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


@record
class Verdict:
    """The answer to `may this be?`."""

    findings: tuple[Finding, ...]
    rules: tuple[RuleProof, ...]
    mutants: tuple[MutantFate, ...]
    counts: Counts
    changes: tuple[Change, ...]
    direction: Direction

    @property
    def refused(self) -> bool:
        """Whether anything refuses."""
        return any(finding.refuses for finding in self.findings)

    @property
    def survivors(self) -> tuple[MutantFate, ...]:
        """Mutants nobody refuses, without a reason."""
        return tuple(one for one in self.mutants if not one.refused_by and not one.reason)

    @property
    def proven(self) -> tuple[str, ...]:
        """The ids of the rules proven in this very run."""
        return tuple(rule.id for rule in self.rules if rule.proven)
