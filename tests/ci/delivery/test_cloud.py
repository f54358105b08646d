"""The cloud comes between the two snapshots; what was not looked at is never nothing to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ci.commands.reconcile import _document
from ci.delivery.cloud import UnlookedCloud
from ci.delivery.errors import GateFailedError
from ci.errors import UnreachableError
from infra.drift import Drifted

PAPER, UX = "paper_trading_enabled", "advanced_ux_features"
WALLS = "urn:pulumi:dev::interlock::aws:ec2/securityGroup:SecurityGroup::walls"
OPENED = Drifted(WALLS, "update", "ingress", "[]", "all")


class FakeCloud:
    """A cloud that differs until it was brought up."""

    unlooked = ""

    def __init__(self, desk: Any, failure: Exception | None = None) -> None:
        self.desk, self.failure = desk, failure
        self.differs = (OPENED,)
        self.seen_at_up: list[Any] = []

    def differences(self) -> tuple[Drifted, ...]:
        return self.differs

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
