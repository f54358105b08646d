"""While several commits are listed nothing loosens early: limits, releases and facts wait for the last one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ci.errors import ConfigurationRefusedError
from ci.git import Repository
from ci.running.adopting import Adopting, in_force
from ci.running.git_bundles import GitBundles
from engine.flags.adoption import Adopted
from engine.kill import KillSwitch
from engine.killing.latch import Latch

RELEASE = """releases:
  - environment: dev
    epoch: 3
    person: ann
    approver: null
    reason: "looked at"
    scope: global
    day: "2026-11-20"
"""


@pytest.fixture
def source(town: Any) -> GitBundles:
    return GitBundles(Repository(town.root), "dev", lambda commit: None)


def released(town: Any) -> str:
    file = town.root / "config" / "records" / "releases.yaml"
    file.write_text(file.read_text().replace("releases: []\n", RELEASE))
    return str(town.commit("release"))


def test_release_counts_when_every_listed_commit_holds_it(town: Any, source: GitBundles) -> None:
    commit = released(town)
    assert in_force(source, (town.first, commit)).releases == ()
    assert [release.epoch for release in in_force(source, (commit,)).releases] == [3]


def test_limits_are_the_safest_of_the_listed_commits(town: Any, source: GitBundles) -> None:
    town.edit("dev", "  max_order_value: 5000.0\n", "  max_order_value: 7000.0\n")
    looser = town.commit("raise")
    town.edit("dev", "  max_open_positions: 5\n", "  max_open_positions: 2\n")
    tighter = town.commit("lower")
    accepted = in_force(source, (town.first, looser, tighter))
    assert accepted.environment.limits.max_order_value == Decimal("5000.0")
    assert accepted.environment.limits.max_open_positions == 2
    assert accepted.bundle.commit == tighter
    assert in_force(source, (tighter,)).environment.limits.max_order_value == Decimal("7000.0")


def test_commit_that_is_refused_stops_the_start(source: GitBundles) -> None:
    with pytest.raises(ConfigurationRefusedError, match="names no commit here"):
        in_force(source, ("0" * 40,))


def test_halt_and_release_reach_the_latch_at_once(town: Any, source: GitBundles) -> None:
    latch = Latch()
    town.folder.mkdir(parents=True)
    switch = KillSwitch(
        town.folder, latch, account="ACCT-DEV-1", strategy="s", report=lambda event, facts: None
    )
    switch.note_files({})
    switch.note_store({"global": 3})
    adopting = Adopting(source, switch, latch)

    def adopt(*commits: str) -> bool:
        bundles = source.bundles(commits)
        assert isinstance(bundles, list)
        snapshot = town.snapshot(commits)
        adopting.adopted(Adopted(snapshot, 1, tuple(bundles), "", bundles[-1].digest))
        return latch.closed

    commit = released(town)
    assert adopt(town.first) is True
    assert adopt(town.first, commit) is True
    assert adopt(commit) is False
    town.edit("dev", "trading_halted: false\n", "trading_halted: true\n")
    halted = town.commit("halt")
    assert adopt(commit, halted) is True
    assert (latch.closed, latch.cause) == (True, "git")
