"""The cloud comes between the two snapshots; what was not looked at is never nothing to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ci.commands.reconcile import _document
from ci.delivery.cloud import Look, NoCloud, UnlookedCloud
from ci.delivery.deliver import Request, Surroundings, deliver
from ci.delivery.errors import GateFailedError
from ci.errors import UnreachableError, UsageError
from ci.git import Repository
from config.findings import Finding, Refused, Severity, whole_file
from infra.drift import Drifted

PAPER, UX = "paper_trading_enabled", "advanced_ux_features"
WALLS = "urn:pulumi:dev::interlock::aws:ec2/securityGroup:SecurityGroup::walls"
PLAN, NO_PLAN = "a" * 64, "b" * 64
OPENED = Drifted(WALLS, "update", "ingress", "[]", "all")


class FakeCloud:
    """A cloud that differs until it was brought up."""

    unlooked = ""

    def __init__(self, desk: Any, failure: Exception | None = None) -> None:
        self.desk, self.failure = desk, failure
        self.differs: tuple[Drifted, ...] = (OPENED,)
        self.findings: tuple[Finding, ...] = ()
        self.seen_at_up: list[Any] = []

    def look(self) -> Look:
        return Look(self.differs, PLAN if self.differs else NO_PLAN, self.findings)

    def up(self) -> str:
        if self.failure:
            raise self.failure
        head = self.desk.head()
        self.seen_at_up.append(head.commits if head else None)
        self.differs = ()
        return "1 of 12 resources changed"


def test_stack_comes_up_between_the_snapshots(desk: Any) -> None:
    desk.apply()
    cloud = FakeCloud(desk)
    tight = desk.set_flag("dev", PAPER, False, "0.0")
    answer = desk.apply(cloud=lambda tree, environment: cloud)
    assert cloud.seen_at_up == [(desk.first, tight)]
    assert answer.done.cloud == "1 of 12 resources changed"
    assert desk.rows()[-1].content["cloud"] == "1 of 12 resources changed"
    assert desk.deliver(cloud=lambda tree, environment: cloud).plan.is_empty


def test_drift_alone_is_something_to_do(desk: Any) -> None:
    desk.apply()
    cloud = FakeCloud(desk)
    shown = desk.deliver(cloud=lambda tree, environment: cloud)
    assert (shown.plan.is_empty, shown.plan.cloud) == (False, (OPENED,))
    assert cloud.differs
    answer = desk.apply(cloud=lambda tree, environment: cloud)
    assert (answer.done.published, answer.done.receipt) == ((), 3)
    assert desk.apply(cloud=lambda tree, environment: cloud).done is None


def test_engine_that_refuses_keeps_the_target_back(desk: Any) -> None:
    desk.apply()
    tight = desk.set_flag("dev", PAPER, False, "0.0")
    cloud = FakeCloud(desk, GateFailedError("the engine refuses: INF102", "fix it"))
    with pytest.raises(GateFailedError, match="INF102"):
        desk.apply(cloud=lambda tree, environment: cloud)
    assert desk.head().commits == (desk.first, tight)
    cloud.failure = None
    desk.apply(cloud=lambda tree, environment: cloud)
    assert desk.head().commits == (tight,)


def test_cloud_nobody_looked_at_is_never_nothing_to_do(desk: Any) -> None:
    desk.apply()
    unlooked = UnlookedCloud("PULUMI_BACKEND_URL is not set")
    shown = desk.deliver(cloud=lambda tree, environment: unlooked)
    assert (shown.plan.is_empty, shown.plan.unlooked) == (False, "PULUMI_BACKEND_URL is not set")
    tight = desk.set_flag("dev", PAPER, False, "0.0")
    with pytest.raises(UnreachableError, match="the cloud was not looked at: PULUMI_BACKEND_URL is not set"):
        desk.apply(cloud=lambda tree, environment: unlooked)
    assert desk.head().commits == (desk.first, tight)


def test_cloud_waits_while_the_target_is_held(desk: Any) -> None:
    desk.apply("staging")
    desk.set_flag("staging", UX, True, "50.0")
    desk.clock = datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    cloud = FakeCloud(desk)
    desk.apply("staging", cloud=lambda tree, environment: cloud)
    assert cloud.seen_at_up == []
    assert desk.apply("staging", cloud=lambda tree, environment: cloud).done is None
    desk.clock = datetime.fromisoformat("2026-11-23T15:00:00+00:00")
    desk.apply("staging", cloud=lambda tree, environment: cloud)
    assert len(cloud.seen_at_up) == 1


def test_drift_is_told_with_urn_property_and_both_values(desk: Any) -> None:
    desk.apply()
    cloud = FakeCloud(desk)
    shown = desk.deliver(cloud=lambda tree, environment: cloud)
    told = _document(shown, {}, is_applied=False)
    assert told.exit_code == 4
    assert told.facts["drift"] == [
        {"urn": WALLS, "what": "update", "key": "ingress", "expected": "[]", "found": "all"}
    ]
    assert told.tables[0].rows[0] == ("cloud", "walls ingress: all", "[]")
    assert cloud.seen_at_up == []


REFUSED = Finding(
    "INF102", Severity.ERROR, whole_file("infra/program.py"), "the database is public", "close it"
)


def test_plan_the_rules_refuse_is_shown_and_never_carried_out(desk: Any) -> None:
    desk.apply()
    tight = desk.set_flag("dev", PAPER, False, "0.0")
    cloud = FakeCloud(desk)
    cloud.findings = (REFUSED,)
    told = _document(desk.deliver(cloud=lambda tree, environment: cloud), {}, is_applied=False)
    assert (told.exit_code, told.findings) == (1, (REFUSED,))
    assert told.summary.endswith(
        "; the plan of the cloud is refused for 1 reason, `--apply` will not bring it up"
    )
    with pytest.raises(
        GateFailedError, match=r"^the plan of the cloud is refused by INF102: the database is public"
    ):
        desk.apply(cloud=lambda tree, environment: cloud)
    assert cloud.seen_at_up == []
    assert desk.head().commits == (desk.first, tight), "what is safer went out all the same"


def _asked(desk: Any, cloud: Any, plan: str, environment: str = "staging", *, apply: bool = True) -> Any:
    parts = {
        "repository": Repository(desk.root),
        "state": desk.local.state,
        "judge": desk.judge,
        "now": desk.now,
    }
    around = Surroundings(
        **parts, wait=lambda seconds: None, progress=desk.said.append, cloud=lambda tree, environment: cloud
    )
    return deliver(Request(environment, None, apply, plan), around)


def test_only_the_approved_plan_is_carried_out(desk: Any) -> None:
    desk.apply("staging")
    cloud, rows, head = FakeCloud(desk), desk.rows("staging"), desk.head("staging")
    for apply in (True, False):
        refused = _asked(desk, cloud, "c" * 64, apply=apply)
        assert isinstance(refused, Refused)
        (finding,) = refused.findings
        assert (finding.rule, finding.message) == (
            "GIT109",
            f"plan {'c' * 12} was approved, now it is {PLAN}",
        )
    assert (desk.rows("staging"), desk.head("staging"), cloud.seen_at_up) == (rows, head, [])
    assert _asked(desk, cloud, PLAN).done.cloud == "1 of 12 resources changed"


def test_plan_that_cannot_be_made_is_never_the_approved_one(desk: Any) -> None:
    desk.apply("staging")
    with pytest.raises(UnreachableError, match="the cloud was not looked at: no backend"):
        _asked(desk, UnlookedCloud("no backend"), PLAN)
    with pytest.raises(UsageError, match="environment `dev` has no cloud, so it has no plan"):
        _asked(desk, NoCloud(), PLAN, "dev")
