"""What the engine leaves unsaid refuses: a rule that could not run or was not reached, an exit code without words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ci.delivery.plan_places import PlanPlaces
from ci.delivery.planned import Judged, judge
from ci.errors import InternalError
from config.desired import DesiredState
from config.findings import Refused, Severity
from config.reading import load
from config.tree import FolderTree
from infra.driver import Run
from infra.events import Events, PolicyHit, Side, Step
from infra.pack.judging import rules_of_pack
from infra.throwaway import Previewed
from policies.inputs import state_of

ROOT = Path(__file__).resolve().parents[3]
DATABASE = "aws:rds/instance:Instance"
URN = f"urn:pulumi:staging::interlock::interlock:data:Database${DATABASE}::interlock-staging-postgres"
SIDE = Side({"storageEncrypted": True}, {}, protect=True, retain=True)
REACHED = {rule.META.slug: {URN} for rule in rules_of_pack()}


@pytest.fixture(scope="module")
def desired() -> DesiredState:
    found = load(FolderTree(ROOT))
    assert not isinstance(found, Refused)
    return found


def _run(code: int = 0, op: str = "create", **told: object) -> Run:
    step = Step(URN, DATABASE, op, {}, None if op == "create" else SIDE, SIDE)
    events = Events(steps={URN: step}, reached=dict(REACHED))
    return Run(code, replace(events, **told), Path("log"), 1.0)  # type: ignore[arg-type]


def _judged(desired: DesiredState, run: Run, up: Run | None = None, again: Run | None = None) -> Judged:
    as_of = datetime(2026, 11, 20, tzinfo=UTC)
    state = state_of("staging", desired.environments["staging"], desired.catalogue, as_of)
    return judge(Previewed(run, up, again, False), state, PlanPlaces(ROOT, desired, "staging"))


def _said(judged: Judged) -> list[tuple[str, str]]:
    return [(one.rule, one.message) for one in judged.findings]


def test_all_reached_and_silent_is_clean(desired: DesiredState) -> None:
    judged = _judged(desired, _run())
    assert (judged.findings, judged.reach.unreached, judged.is_refused) == ((), (), False)


def test_an_advisory_that_it_cannot_run_refuses(desired: DesiredState) -> None:
    hit = PolicyHit("database_public", URN, "can't run policy during preview: unknown", "advisory")
    judged = _judged(desired, _run(policy_hits=[hit]))
    message = "policy `database_public` could not be judged: can't run policy during preview: unknown"
    assert _said(judged) == [("INF192", message)]
    assert judged.is_refused


def test_a_rule_the_engine_never_ran_refuses(desired: DesiredState) -> None:
    reached = {slug: urns for slug, urns in REACHED.items() if slug != "database_public"}
    judged = _judged(desired, _run(reached=reached))
    message = "rule `database_public` was not reached in the engine, so nothing was judged by it"
    assert _said(judged) == [("INF191", message)]
    assert judged.is_refused
    assert judged.reach.unreached == ("database_public",)


def test_a_pack_that_never_spoke_refuses(desired: DesiredState) -> None:
    judged = _judged(desired, _run(reached={}))
    assert judged.is_refused
    assert {one.rule for one in judged.findings} == {"INF191"}


def test_a_crashed_rule_is_no_verdict(desired: DesiredState) -> None:
    hit = PolicyHit("database_public", URN, "INF102: the rule itself crashed: KeyError", "mandatory")
    with pytest.raises(InternalError, match="rule INF102 crashed"):
        _judged(desired, _run(policy_hits=[hit]))


def test_an_exit_code_without_a_reason_refuses(desired: DesiredState) -> None:
    judged = _judged(desired, _run(255))
    assert _said(judged) == [("INF193", "the engine ended with exit code 255")]
    assert judged.is_refused


def test_a_program_that_never_rests_is_refused(desired: DesiredState) -> None:
    judged = _judged(desired, _run(), up=_run(), again=_run(1, op="update"))
    told = "interlock-staging-postgres changes again (update) though nothing changed: the program is not idempotent"
    assert _said(judged) == [("INF194", told)]
    assert judged.is_refused


def test_lifted_protection_and_retention_are_told(desired: DesiredState) -> None:
    run = _run(op="update")
    bare = Step(URN, DATABASE, "update", {}, SIDE, replace(SIDE, protect=False, retain=False))
    run.events.steps[URN] = bare
    judged = _judged(desired, run)
    assert [(one.rule, one.severity) for one in judged.findings] == [("INF195", Severity.WARNING)] * 2
    assert {one.message.split(": ")[1] for one in judged.findings} == {
        "its protection would be lifted",
        "its retention would be lifted",
    }
