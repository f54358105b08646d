"""A rung is left after less than one trading session, or on fewer observations than say anything.

Hours are those of trading sessions: a weekend soaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ROL007",
    slug="rung_soaks_too_little",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="rung soaks too little",
    fix="one session (7 h) and 300 observations at least",
    reads=(
        "catalogue.rollouts.ladders.*.steps.*.soak_hours",
        "catalogue.rollouts.ladders.*.steps.*.min_samples",
    ),
    source="paper 03 4.8 (300 clean samples claim < 1 % at 95 %), seed 002 (24-48 hours of validation)",
)
VALID = (Sample(says="a session"),)
INVALID = (Sample(says="an hour", catalogue={"catalogue.rollouts.ladders.canary.steps.0.soak_hours": 1}),)


_LEAST = {"soak_hours": 7, "min_samples": 300}


def judge(fleet: Fleet) -> Iterator[Hit]:
    for name, ladder in fleet.catalogue.rollouts.ladders.items():
        for at, step in enumerate(ladder.steps):
            for key, least in _LEAST.items():
                if getattr(step, key) < least:
                    place = ("catalogue", "rollouts", "ladders", name, "steps", at, key)
                    yield Hit(
                        place, f"rung `{step.name}` has {key} {getattr(step, key)}, the least is {least}"
                    )
