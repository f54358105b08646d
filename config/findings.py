"""What a refusal is made of: a place, a sentence that stands alone, and a way out.

Never renders text: formats live in `ci/output`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from config.record import record


class Severity(str, Enum):
    """How strongly a rule speaks; only `error` and `guarded` refuse."""

    ERROR = "error"
    GUARDED = "guarded"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: 1-based lines and columns, the end column is the first one after the text."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@record
class Related:
    """A second place that explains the first, with a label of a few words."""

    span: Span
    label: str


@record
class Finding:
    """One reason to refuse or to warn, at one primary place."""

    rule: str
    severity: Severity
    span: Span
    message: str
    help: str
    path: str = ""
    related: tuple[Related, ...] = ()
    waived: bool = False

    @property
    def refuses(self) -> bool:
        """Whether this finding alone turns the answer into a refusal."""
        return not self.waived and self.severity in (Severity.ERROR, Severity.GUARDED)


@record
class Refused:
    """The answer of a door that lets nothing through; holds every reason, sorted by place."""

    findings: tuple[Finding, ...]

    def __post_init__(self) -> None:
        if not self.findings:
            raise ValueError("a refusal needs at least one finding")


def sort_findings(findings: tuple[Finding, ...] | list[Finding]) -> tuple[Finding, ...]:
    """Order findings by file, line, column, rule and message, so that output never depends on chance."""
    return tuple(sorted(findings, key=lambda f: (f.span, f.rule, f.message)))


def whole_file(path: str) -> Span:
    """The place of a finding about a file as such."""
    return Span(path, 1, 1, 1, 1)
