"""What named approvals allow of a plan: operations on stores that pass, and approvals that nobody needs.

Never lets anything else pass: an approval names one environment, one resource and one operation, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from config.findings import Finding, Related, Severity
from infra.events import Step
from policies.approvals import Approval, faults, misuse, misuses
from policies.inputs import State
from policies.planned import HOLDS_RECORDS

LOSS = "INF115"


def approve(
    findings: Iterable[Finding],
    steps: Mapping[str, Step],
    approvals: Sequence[Approval],
    before: Sequence[Approval] | None,
    state: State,
    environments: Sequence[str],
) -> list[Finding]:
    """The findings with approved operations let pass, and one per misuse.

    before: the base's approvals; None where there is no base. One that base has may wait, or may have done its work.
    """
    today = state.as_of.date()
    sound = {
        one.resource: one
        for one in approvals
        if one.environment == state.name and not any(faults(one, approvals, environments, today))
    }
    known = None if before is None else {one.said for one in before}
    mine = [one for one in approvals if one.environment == state.name]
    return [
        *(_passed(finding, steps, sound) for finding in findings),
        *(one for one in misuses(mine, environments, today)),
        *(told for one in sound.values() for told in _idle(one, steps, known)),
    ]


def _passed(finding: Finding, steps: Mapping[str, Step], sound: Mapping[str, Approval]) -> Finding:
    step = steps.get(finding.path) if finding.rule == LOSS else None
    approval = sound.get(step.name) if step is not None else None
    if step is None or approval is None or approval.operation != step.op:
        return finding
    label = f"approved by {approval.approver}, until {approval.expires}: {approval.ticket}"
    return replace(finding, waived=True, related=(*finding.related, Related(approval.span, label)))


def _idle(one: Approval, steps: Mapping[str, Step], known: set[tuple[str, ...]] | None) -> Iterator[Finding]:
    """An approval the plan makes no use of: refused when it comes with this change, told when it was there before."""
    named = [step for step in steps.values() if step.name == one.resource and step.type in HOLDS_RECORDS]
    severity = Severity.ERROR if known is not None and one.said not in known else Severity.WARNING
    if not named:
        yield misuse(one, "WAV023", severity)
    elif not any(step.op == one.operation or _lifts(step) for step in named):
        yield misuse(one, "WAV022", severity)


def _lifts(step: Step) -> bool:
    """Whether the plan takes the protection off: the step before a deletion."""
    return step.old is not None and step.new is not None and step.old.protect and not step.new.protect
