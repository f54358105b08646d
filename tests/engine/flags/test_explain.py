"""The steps end at the rule that decided, and never disagree with the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from config.bundle import Bundle
from engine.flags.compile import compile_snapshot
from engine.flags.decide import Reason
from engine.flags.explain import explain

Build = Callable[..., Bundle]
FLAG = "paper_trading_enabled"


@pytest.mark.parametrize(
    ("said", "asked", "last"),
    [
        ({}, {"kills": ["global"]}, (Reason.KILLED, "kills: global")),
        (
            {"ceiling": "sandbox"},
            {"venue_kind": "live"},
            (Reason.CEILING, "ceiling sandbox, wired venue live"),
        ),
        ({"enabled": False}, {}, (Reason.DISABLED, "enabled: false")),
        ({"prerequisites": ["gone"]}, {}, (Reason.PREREQUISITE, "gone false (FLAG_NOT_FOUND)")),
        ({"accounts": ["A"]}, {}, (Reason.TARGETING_MATCH, "1 accounts by name")),
        ({"percent": "100.0"}, {}, (Reason.SPLIT, "bucket 39473 of 100000, below 100000 is let in")),
        ({"percent": "0.0"}, {}, (Reason.DEFAULT, "safe value false")),
    ],
)
def test_last_step_is_the_deciding_rule(
    build: Build, said: dict[str, Any], asked: dict[str, Any], last: tuple[Reason, str]
) -> None:
    snapshot = compile_snapshot([build("a", {FLAG: said})])
    decision, steps = explain(snapshot, FLAG, "A", **asked)
    assert (steps[-1].reason, steps[-1].saw) == last
    assert [step.decided for step in steps] == [False] * (len(steps) - 1) + [True]
    assert decision.reason is last[0]


def test_unknown_flag_and_account_are_explained(build: Build) -> None:
    snapshot = compile_snapshot([build("a", {FLAG: {}})])
    assert explain(snapshot, "gone", "A")[1][0].saw == "no flag `gone` in the snapshot of aaaaaaaaaaaa"
    assert explain(snapshot, FLAG, None)[1][-1].saw == "account None"
    halted = compile_snapshot([build("a", {FLAG: {}}, halted=True)])
    assert explain(halted, FLAG, "A")[1][-1].saw == "trading_halted in Git"
