"""The rungs of a ladder do not rise, or do not lead to everybody.

The phases ladder is an order of flags, not of shares; it must exist once, with a rung per phase.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import MISSING, Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ROL005",
    slug="ladder_out_of_order",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="ladder out of order",
    fix="let the shares rise from rung to rung and end at 100 %",
    reads=("catalogue.rollouts.ladders",),
    source="seed 003 and seed 000 2.4, paper 02 5",
)
VALID = (Sample(says="rising"),)
INVALID = (
    Sample(says="falling", catalogue={"catalogue.rollouts.ladders.canary.steps.1.percent": Decimal("5.0")}),
    Sample(says="ends at half", catalogue={"catalogue.rollouts.ladders.canary.steps.2": MISSING}),
)


def judge(fleet: Fleet) -> Iterator[Hit]:
    ladders = fleet.catalogue.rollouts.ladders
    for name, ladder in ladders.items():
        place = ("catalogue", "rollouts", "ladders", name, "steps")
        if not ladder.steps:
            yield Hit(place, f"ladder `{name}` has no rung")
        if ladder.applies_to == "phase":
            continue
        for at, (low, high) in enumerate(zip(ladder.steps, ladder.steps[1:], strict=False), start=1):
            if high.percent <= low.percent:
                yield Hit((*place, at, "percent"), f"rung `{high.name}` does not rise above {low.percent} %")
        if ladder.steps and ladder.steps[-1].percent != 100:
            yield Hit((*place, len(ladder.steps) - 1, "percent"), f"ladder `{name}` does not end at 100 %")
    phases = [name for name, ladder in ladders.items() if ladder.applies_to == "phase"]
    if len(phases) != 1:
        yield Hit(("catalogue", "rollouts", "ladders"), f"{len(phases)} ladders give the phases, one must")
