"""The phase has no rung in rollouts.yaml, so nothing says what is on, watched or rolled back."""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ROL002",
    slug="phase_unknown",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="phase without a rung",
    fix="use a phase from 1 to the number of rungs of the phases ladder",
    reads=("phase", "catalogue.rollouts.ladders.*.applies_to"),
    source="seed 000 2.1 to 2.4 (four phases)",
)
VALID = (Sample(says="phase 1"),)
INVALID = (
    Sample(says="phase 0", edits={"phase": 0}),
    Sample(says="phase 9", edits={"phase": 9}),
)


def judge(state: State) -> Iterator[Hit]:
    if state.phase_step() is None:
        yield Hit(("phase",), f"phase {state.environment.phase} has no rung in rollouts.yaml")
