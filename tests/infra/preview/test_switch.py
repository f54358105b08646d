"""From one environment to the next only listed properties change; all else is the same program, same answers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ci.delivery.preview import Answer
from infra.events import Step

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("preview")]
GOLDEN = Path(__file__).parent / "golden" / "switch.txt"
ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "production": "333333333333"}
Previewed = Callable[[str], Answer]


def _plan(previewed: Previewed, name: str) -> dict[tuple[str, str], Step]:
    steps = previewed(name).previewed.preview.events.steps.values()
    return {(step.type, step.name.replace(name, "ENV")): step for step in steps}


def _facts(step: Step, name: str) -> Mapping[str, str]:
    """Every property as text, without the environment's own name and account."""
    assert step.new is not None
    told: dict[str, Any] = {**step.new.inputs, "(protect)": step.new.protect, "(retain)": step.new.retain}
    plain = {key: json.dumps(value, sort_keys=True) for key, value in told.items()}
    return {key: text.replace(name, "ENV").replace(ACCOUNTS[name], "ACCOUNT") for key, text in plain.items()}


def _switch(previewed: Previewed, before: str, after: str) -> list[str]:
    here, there = _plan(previewed, before), _plan(previewed, after)
    changed = set()
    for key in here.keys() & there.keys():
        old, new = _facts(here[key], before), _facts(there[key], after)
        changed |= {
            f"{before} -> {after}: {key[0]} {one}" for one in {*old, *new} if old.get(one) != new.get(one)
        }
    left = {f"{before} only: {kind} {name}" for kind, name in here.keys() - there.keys()}
    return sorted(changed | left)


def test_a_switch_to_production_changes_only_what_is_listed(previewed: Previewed) -> None:
    found = [*_switch(previewed, "dev", "production"), *_switch(previewed, "staging", "production")]
    text = "".join(f"{line}\n" for line in found)
    if os.environ.get("INTERLOCK_UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


def test_production_lowers_no_protection_of_a_lower_tier(previewed: Previewed) -> None:
    for name in ("dev", "staging"):
        here, there = _plan(previewed, name), _plan(previewed, "production")
        for key in here.keys() & there.keys():
            old, new = here[key].new, there[key].new
            assert old is not None
            assert new is not None
            assert new.protect >= old.protect
            assert new.retain >= old.retain
