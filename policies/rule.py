"""The form of a rule: what it says of itself, the samples that prove it, and one pure generator.

Never runs a rule: see runner.py and proof.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import Enum
from typing import Any, Literal, Protocol

from config.findings import Severity
from policies.inputs import Hit, Resource

Tier = Literal["dev", "staging", "production"]
ALL_TIERS: tuple[Tier, ...] = ("dev", "staging", "production")


class Scope(str, Enum):
    """What a rule is shown, and so which command judges it."""

    STATE = "state"
    CHANGE = "change"
    FLEET = "fleet"
    FILES = "files"
    HISTORY = "history"
    RESOURCES = "resources"

    @property
    def judged_by(self) -> str:
        """The command that owns this scope and refuses when it cannot judge it."""
        return {"history": "reconcile", "resources": "preview"}.get(self.value, "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What a rule says of itself; pages, `explain` and the accounting are made from it.

    reads: patterns of the keys it looks at, dotted; `*` is one segment, a section covers all below it, `catalogue.`
    leads into the catalogue files, `texts` means file texts.
    """

    id: str
    slug: str
    severity: Severity
    scope: Scope
    title: str
    fix: str
    reads: tuple[str, ...]
    source: str
    tiers: tuple[Tier, ...] = ALL_TIERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A small edit of the sample environment (policies/sample.py), keys in dotted form.

    before: edits of the state a change starts from (change rules).  others: further environments of a fleet, by name,
    as edits.  texts, changed: files as they would stand (files rules).
    resources: the planned graph (resources rules).
    """

    says: str
    tier: str = "production"
    edits: Mapping[str, object] = field(default_factory=dict)
    before: Mapping[str, object] | None = None
    catalogue: Mapping[str, object] = field(default_factory=dict)
    catalogue_before: Mapping[str, object] | None = None
    others: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    as_of: datetime = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
    zone: tzinfo = UTC


class Rule(Protocol):
    """A module (or a declarative rule) of this form."""

    @property
    def META(self) -> Meta: ...  # noqa: N802 - a module's constant
    @property
    def VALID(self) -> tuple[Sample, ...]: ...  # noqa: N802
    @property
    def INVALID(self) -> tuple[Sample, ...]: ...  # noqa: N802

    def judge(self, subject: Any, /) -> Iterator[Hit]:
        """Every reason against the subject; no reason: nothing is yielded."""
