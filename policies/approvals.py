"""Named approvals: that one store of records may be replaced or deleted, said by two people, for thirty days at most.

Never covers a rule: what an approval allows is an operation on one resource, and only that is let pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from config.findings import Finding, Severity, Span
from config.record import record

FILE = "config/records/approvals.yaml"
MOST_DAYS = 30
Operation = Literal["replace", "delete"]
MISUSES = {
    "WAV021": ("approval expired", "remove it, or decide anew with new dates"),
    "WAV022": ("approval unused", "remove it; the plan neither does what it allows nor prepares it"),
    "WAV023": ("approval of an unknown resource", "name a resource as the plan calls it, that holds records"),
    "WAV024": ("approval twice", "keep one approval per environment and resource"),
    "WAV025": ("approval by its owner", "have somebody else approve it"),
    "WAV026": ("approval too long", f"at most {MOST_DAYS} days; decide again then"),
    "WAV027": ("approval of an unknown environment", "name an environment of this tree"),
    "WAV028": (
        "approval with impossible days",
        "write days that exist, created not after today and not after expires",
    ),
}
"""What can be wrong with an approval: title and way out."""


@record
class Approval:
    """One entry of approvals.yaml; `span` is where it stands."""

    environment: str
    resource: str
    operation: Operation
    reason: str
    ticket: str
    owner: str
    approver: str
    created: str
    expires: str
    span: Span

    @property
    def said(self) -> tuple[str, ...]:
        """Everything it says, wherever it stands."""
        return (
            self.environment, self.resource, self.operation, self.reason, self.ticket,
            self.owner, self.approver, self.created, self.expires,
        )  # fmt: skip


def misuses(approvals: Sequence[Approval], environments: Sequence[str], today: date) -> Iterator[Finding]:
    """What is wrong with approvals whatever the plan says; such an approval allows nothing."""
    for one in approvals:
        for wrong in faults(one, approvals, environments, today):
            yield misuse(one, wrong)


def faults(
    one: Approval, all_: Sequence[Approval], environments: Sequence[str], today: date
) -> Iterator[str]:
    """The ids of what is wrong with one approval among all."""
    if one.environment not in environments:
        yield "WAV027"
    if sum((other.environment, other.resource) == (one.environment, one.resource) for other in all_) > 1:
        yield "WAV024"
    if one.owner == one.approver:
        yield "WAV025"
    created, expires = _day(one.created), _day(one.expires)
    if created is None or expires is None or created > today or expires < created:
        yield "WAV028"
    elif (expires - created).days > MOST_DAYS:
        yield "WAV026"
    elif expires < today:
        yield "WAV021"


def misuse(one: Approval, wrong: str, severity: Severity = Severity.ERROR) -> Finding:
    """The finding about an approval, where it stands."""
    title, way_out = MISUSES[wrong]
    message = f"{title}: {one.operation} of `{one.resource}` in {one.environment}"
    return Finding(wrong, severity, one.span, message, way_out, one.resource)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
