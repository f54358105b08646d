"""An approval lets pass exactly the operation it names, and one that nobody needs is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ci.delivery.planned_approvals import approve
from config.findings import Finding, Severity, Span
from infra.events import Side, Step
from policies import sample
from policies.approvals import FILE, Approval
from policies.inputs import State, state_of

DATABASE = "aws:rds/instance:Instance"
NAME = "interlock-staging-postgres"
URN = f"urn:pulumi:staging::interlock::{DATABASE}::{NAME}"
PLACE = Span(FILE, 4, 15, 4, 41)
APPROVAL = Approval(
    "staging", NAME, "replace", "moves to another name", "OPS-12", "dev.one", "dev.two", "2026-11-19", "2026-12-01",
    PLACE,
)  # fmt: skip
LOSS = Finding(
    "INF115", Severity.ERROR, Span("infra/components/database.py", 26, 23, 26, 39), "would be lost", "", URN
)


def _state() -> State:
    as_of = datetime(2026, 11, 20, tzinfo=UTC)
    return state_of("staging", sample.environment("staging"), sample.catalogue(), as_of)


def _steps(op: str, *, was: bool = True, now: bool = False, name: str = NAME) -> dict[str, Step]:
    side = Side({}, {}, protect=was, retain=False)
    step = Step(URN, DATABASE, op, {}, side, replace(side, protect=now))
    return {URN: replace(step, urn=URN.replace(NAME, name))}


def _told(
    steps: dict[str, Step], *approvals: Approval, before: tuple[Approval, ...] | None = ()
) -> list[tuple[str, bool, bool]]:
    found = approve([LOSS], steps, approvals, before, _state(), ("staging", "production"))
    return [(one.rule, one.waived, one.refuses) for one in found]


def test_the_named_operation_passes_and_says_who_approved_it() -> None:
    (found,) = approve([LOSS], _steps("replace"), [APPROVAL], (), _state(), ("staging",))
    assert (found.waived, found.refuses) == (True, False)
    assert [(one.span, one.label) for one in found.related] == [
        (PLACE, "approved by dev.two, until 2026-12-01: OPS-12")
    ]


REFUSED = {
    "another operation": (replace(APPROVAL, operation="delete"), [("INF115", False, True)]),
    "another environment": (replace(APPROVAL, environment="production"), [("INF115", False, True)]),
    "another store": (
        replace(APPROVAL, resource="interlock-staging-postgras"),
        [("INF115", False, True), ("WAV023", False, True)],
    ),
    "expired": (replace(APPROVAL, expires="2026-11-19"), [("INF115", False, True), ("WAV021", False, True)]),
    "by its owner": (
        replace(APPROVAL, approver="dev.one"),
        [("INF115", False, True), ("WAV025", False, True)],
    ),
}


@pytest.mark.parametrize(("approval", "told"), REFUSED.values(), ids=list(REFUSED))
def test_anything_else_stays_refused(approval: Approval, told: list[tuple[str, bool, bool]]) -> None:
    assert _told(_steps("replace"), approval) == told


def test_the_step_before_a_deletion_makes_use_of_its_approval() -> None:
    deletion = replace(APPROVAL, operation="delete")
    assert _told(_steps("same"), deletion) == [("INF115", False, True)]


def test_a_new_approval_that_nobody_needs_is_refused_and_an_old_one_told() -> None:
    idle = _steps("update", was=False, now=False)
    assert _told(idle, APPROVAL)[1:] == [("WAV022", False, True)]
    assert _told(idle, APPROVAL, before=(APPROVAL,))[1:] == [("WAV022", False, False)]
    assert _told(idle, APPROVAL, before=None)[1:] == [("WAV022", False, False)]


def test_a_store_that_is_gone_holds_nobody_up() -> None:
    assert _told({}, APPROVAL, before=None)[1:] == [("WAV023", False, False)]
