"""A suspended environment is left alone, and says who suspended it."""

from __future__ import annotations

from typing import Any

import pytest

from ci.delivery.suspension import change
from ci.errors import UsageError
from ci.git import Repository
from config.findings import Refused


def say(desk: Any, kind: str, reason: str = "incident 42") -> Any:
    return change(Repository(desk.root), desk.local.state, "dev", kind, "ann", reason, desk.now())


def test_suspended_environment_is_looked_at_and_not_touched(desk: Any) -> None:
    desk.apply()
    say(desk, "suspend")
    wide = desk.set_flag("dev", "advanced_ux_features", True, "50.0")
    head = desk.head()
    answer = desk.apply()
    assert isinstance(answer, Refused)
    assert [(each.rule, each.message) for each in answer.findings] == [
        ("GIT108", "reconciling is suspended by ann: incident 42")
    ]
    assert desk.deliver().plan.target is not None
    assert desk.head() == head
    say(desk, "resume", "closed")
    desk.apply()
    assert desk.head().commits == (wide,)


def test_second_suspension_changes_nothing(desk: Any) -> None:
    desk.apply()
    say(desk, "suspend")
    rows = desk.rows()
    with pytest.raises(UsageError, match="`dev` is suspended by ann: incident 42"):
        say(desk, "suspend")
    assert desk.rows() == rows


def test_resume_without_suspension_is_a_usage_error(desk: Any) -> None:
    desk.apply()
    with pytest.raises(UsageError, match="`dev` is not suspended"):
        say(desk, "resume")


def test_suspension_needs_a_reason(desk: Any) -> None:
    desk.apply()
    with pytest.raises(UsageError, match="`suspend` needs a reason"):
        say(desk, "suspend", "  ")
