"""A rung is passed with less than the seeds ask for, or without any validation.

A bound that is stated nowhere else is stated here, so that rollouts.yaml can only be stricter.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ROL008",
    slug="validation_too_weak",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="validation too weak",
    fix="keep at least to the value the seeds name",
    reads=("catalogue.rollouts.ladders.*.steps.*.pass_when",),
    source="seed 000 2.1 to 2.3 and 9 (accuracy 95 %, switch success 99 %, errors 0.1 %, zero leaks), seed 002 (40 %)",
)
VALID = (Sample(says="as the seeds say"),)
INVALID = (
    Sample(
        says="less accurate",
        catalogue={"catalogue.rollouts.ladders.phases.steps.0.pass_when.0.value": Decimal("0.80")},
    ),
    Sample(
        says="the wrong side",
        catalogue={"catalogue.rollouts.ladders.phases.steps.0.pass_when.0.must_be": "at_most"},
    ),
)


_BOUNDS = {
    "simulation_accuracy": ("at_least", Decimal("0.95")),
    "mode_switch_success": ("at_least", Decimal("0.99")),
    "error_rate": ("at_most", Decimal("0.001")),
    "paper_live_leaks": ("at_most", Decimal(0)),
    "accidental_mode_switches": ("at_most", Decimal(0)),
    "mode_validation_failures": ("at_most", Decimal(0)),
    "critical_errors": ("at_most", Decimal(0)),
    "win_rate": ("at_least", Decimal("0.40")),
}


def judge(fleet: Fleet) -> Iterator[Hit]:
    for name, ladder in fleet.catalogue.rollouts.ladders.items():
        for at, step in enumerate(ladder.steps):
            place = ("catalogue", "rollouts", "ladders", name, "steps", at, "pass_when")
            if not step.pass_when:
                yield Hit(place, f"rung `{step.name}` is passed without any validation")
            for number, one in enumerate(step.pass_when):
                must_be, bound = _BOUNDS.get(one.metric, (one.must_be, one.value))
                weaker = one.value > bound if must_be == "at_most" else one.value < bound
                if one.must_be != must_be or weaker:
                    words = must_be.replace("_", " ")
                    yield Hit((*place, number, "value"), f"`{one.metric}` must be {words} {bound} to pass")
