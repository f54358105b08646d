"""A rung lacks a rollback trigger, or has a looser one than the seeds name.

Whatever is rolled out is watched by the same four numbers on every rung.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from config.models.rollouts import Bound
from policies.inputs import MISSING, Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ROL006",
    slug="rung_without_rollback",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="rung without rollback",
    fix="state all four bounds in `roll_back_when_not` of every rung",
    reads=("catalogue.rollouts.ladders.*.steps",),
    source="seed 000 3.2 (error rate 1 %, p99 1 s, accuracy 90 %, no mode failures), paper 02 5",
)
VALID = (Sample(says="all four"),)
INVALID = (
    Sample(
        says="one missing",
        catalogue={"catalogue.rollouts.ladders.canary.steps.0.roll_back_when_not.3": MISSING},
    ),
    Sample(
        says="looser",
        catalogue={"catalogue.rollouts.ladders.canary.steps.0.roll_back_when_not.0.value": Decimal("0.05")},
    ),
)


_TRIGGERS = (
    ("error_rate", "at_most", Decimal("0.01")),
    ("response_time_p99_ms", "at_most", Decimal(1000)),
    ("simulation_accuracy", "at_least", Decimal("0.90")),
    ("mode_validation_failures", "at_most", Decimal(0)),
)


def judge(fleet: Fleet) -> Iterator[Hit]:
    for name, ladder in fleet.catalogue.rollouts.ladders.items():
        for at, step in enumerate(ladder.steps):
            place = ("catalogue", "rollouts", "ladders", name, "steps", at, "roll_back_when_not")
            for metric, must_be, bound in _TRIGGERS:
                if not any(_holds(one, metric, must_be, bound) for one in step.roll_back_when_not):
                    words = must_be.replace("_", " ")
                    message = f"rung `{step.name}` does not roll back unless `{metric}` is {words} {bound}"
                    yield Hit(place, message)


def _holds(one: Bound, metric: str, must_be: str, bound: Decimal) -> bool:
    if one.metric != metric or one.must_be != must_be:
        return False
    return one.value <= bound if must_be == "at_most" else one.value >= bound
