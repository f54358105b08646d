"""A rung becomes shorter, opens further, watches less, or is gone.

Loosening the ladder is loosening every rollout after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Also, Change, Hit
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ROL010",
    slug="ladder_loosened",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    title="ladder loosened",
    fix="keep the rung, or add a waiver with the measurements of the last rollouts",
    reads=("catalogue.rollouts",),
    source="paper 02 5 (thresholds may not loosen unseen)",
)
VALID = (
    Sample(
        says="a longer soak",
        catalogue={"catalogue.rollouts.ladders.canary.steps.0.soak_hours": 70},
        catalogue_before={},
    ),
)
INVALID = (
    Sample(
        says="a shorter soak",
        catalogue={"catalogue.rollouts.ladders.canary.steps.0.soak_hours": 7},
        catalogue_before={},
    ),
)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("catalogue", "rollouts"):
        if key.direction == "loosen" and key.before is not MISSING:
            was = Also(key.path, f"was {key.before}", base=True)
            state = "is removed" if key.after is MISSING else f"moves from {key.before} to {key.after}"
            yield Hit(key.path, f"`{dotted(key.path[2:])}` {state}, which is looser", related=(was,))
