"""`interlock parity`: every difference with its reason; one without is a violation, a reason for nothing too."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., tuple[int, str]]
STAGING = "config/environments/staging.yaml"


def test_this_tree_explains_every_difference(interlock: Run) -> None:
    code, text = interlock("parity", "staging", "production", "--format", "json")
    said: dict[str, Any] = json.loads(text)
    assert code == 0
    rows = {row["key"]: row for row in said["tables"][0]["rows"]}
    assert rows["monitoring.log_level"]["staging"] == "INFO"
    assert rows["monitoring.log_level"]["reason"] == "seed 000 1.1: debug, info, warning"
    assert said["summary"].endswith("0 without a reason")


def test_an_unexplained_difference_is_a_violation(workshop: Any, interlock: Run) -> None:
    workshop.edit(STAGING, "max_open_positions: 5", "max_open_positions: 4")
    code, text = interlock("parity")
    assert code == 1
    assert "error[PAR001] `limits.max_open_positions` differs between environments without a reason" in text
    assert "(no reason recorded)" in text


def test_a_reason_for_nothing_is_a_violation(workshop: Any, interlock: Run) -> None:
    workshop.edit(
        "config/parity.yaml",
        "  - path: account.id\n",
        "  - path: strategy.name\n    between: [dev, staging, production]\n"
        '    reason: "no difference"\n  - path: account.id\n',
    )
    code, text = interlock("check")
    assert code == 1
    assert "error[PAR002] no environments differ in `strategy.name`" in text


def test_unknown_or_single_environments_are_usage_mistakes(interlock: Run) -> None:
    assert interlock("parity", "staging", "qa")[0] == 2
    assert interlock("parity", "staging")[0] == 2
