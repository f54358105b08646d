"""Promotions and rollbacks are commits on a branch: one line per key, forward only, nothing else touched."""

from __future__ import annotations

from typing import Any

import pytest

from ci.delivery.forward import Prepared, promote, rollback
from ci.errors import UsageError
from ci.git import Repository
from config.document import dotted

UX = "advanced_ux_features"


@pytest.fixture(autouse=True)
def _ann(monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ann")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ann@example.com")


def edits(prepared: Any) -> list[tuple[str, str, str]]:
    assert isinstance(prepared, Prepared)
    return [(dotted(each.path), str(each.before), str(each.after)) for each in prepared.edits]


def changed_lines(desk: Any, prepared: Prepared) -> list[str]:
    diff = desk.git("diff", "--unified=0", prepared.base, prepared.commit)
    return [line for line in diff.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_promotion_copies_one_line_per_key(desk: Any) -> None:
    desk.edit("dev", "fast: 10", "fast: 12")
    base = desk.set_flag("dev", UX, True, "50.0")
    keys = [f"flags.{UX}", "strategy.parameters.fast"]
    prepared = promote(Repository(desk.root), "dev", "staging", keys, "up")
    assert edits(prepared) == [
        (f"flags.{UX}.enabled", "False", "True"),
        (f"flags.{UX}.percent", "0.0", "50.0"),
        ("strategy.parameters.fast", "10", "12"),
    ]
    assert changed_lines(desk, prepared) == [
        "-    enabled: false",
        "+    enabled: true",
        "-    percent: 0.0",
        "+    percent: 50.0",
        "-    fast: 10",
        "+    fast: 12",
    ]
    assert desk.git("rev-parse", "up^") == base
    assert desk.git("rev-parse", "HEAD") == base
    assert desk.git("status", "--porcelain") == ""
    assert (
        desk.git("log", "-1", "--format=%s", "up")
        == f"Promote flags.{UX}, strategy.parameters.fast to staging"
    )


@pytest.mark.parametrize(
    ("source", "target", "key", "said"),
    [
        ("staging", "dev", f"flags.{UX}", "`staging` (staging) is not one tier below `dev` (dev)"),
        ("dev", "production", f"flags.{UX}", "`dev` (dev) is not one tier below `production` (production)"),
        ("dev", "staging", "flags.nothing", "`dev` has no key `flags.nothing`"),
        ("dev", "staging", "database.port", "`database.port` belongs to each environment alone"),
        ("dev", "qa", f"flags.{UX}", "has no environment `qa`"),
        ("dev", "staging", f"flags.{UX}", "`staging` has these values already"),
    ],
)
def test_promotion_that_makes_no_sense_is_refused(
    desk: Any, source: str, target: str, key: str, said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        promote(Repository(desk.root), source, target, [key], "up")
    assert said in refused.value.message
    assert desk.git("branch", "--format=%(refname:short)") == "main"


def test_rollback_goes_forward_to_earlier_values(desk: Any) -> None:
    desk.set_flag("dev", UX, True, "50.0")
    desk.edit("dev", "max_order_value: 5000.0", "max_order_value: 4000.0")
    now = desk.commit("lower")
    prepared = rollback(Repository(desk.root), "dev", desk.first, "back")
    assert edits(prepared) == [
        (f"flags.{UX}.enabled", "True", "False"),
        (f"flags.{UX}.percent", "50.0", "0.0"),
        ("limits.max_order_value", "4000.0", "5000.0"),
    ]
    assert isinstance(prepared, Prepared)
    assert desk.git("rev-parse", "back^") == now
    assert desk.git("diff", "--name-only", desk.first, "back") == ""


def test_rollback_to_another_line_is_refused(desk: Any) -> None:
    desk.git("switch", "-q", "-c", "feature")
    side = desk.set_flag("dev", UX, True, "50.0")
    desk.git("switch", "-q", "main")
    with pytest.raises(UsageError, match=f"{side[:12]} is no earlier commit of this line"):
        rollback(Repository(desk.root), "dev", side, "back")


def test_rollback_across_structure_is_refused(desk: Any) -> None:
    desk.edit("dev", "    fast: 10\n", "    fast: 10\n    medium: 20\n")
    desk.commit("another parameter")
    with pytest.raises(
        UsageError, match=r"`strategy\.parameters\.medium` stands in one of both versions only"
    ):
        rollback(Repository(desk.root), "dev", desk.first, "back")


def test_branch_that_exists_is_left_alone(desk: Any) -> None:
    desk.git("branch", "back")
    desk.set_flag("dev", UX, True, "50.0")
    with pytest.raises(UsageError):
        rollback(Repository(desk.root), "dev", desk.first, "back")
    assert desk.git("rev-parse", "back") == desk.first
