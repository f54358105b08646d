"""rollouts.yaml itself lets a flag in before its phase, or names one that does not exist.

The list per phase is what ROL001 trusts, so it is bounded too.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Fleet, Hit, phases_ladder
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ROL009",
    slug="phase_without_order",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="phase opens a flag too early",
    fix="live flags open from phase 3; name flags as flags.yaml does",
    reads=(
        "catalogue.rollouts.ladders.*.steps.*.flags_on",
        "catalogue.flags.flags",
    ),
    source="seed 000 2.1 to 2.4",
)
VALID = (Sample(says="in order"),)
INVALID = (
    Sample(
        says="a flag misspelt",
        catalogue={"catalogue.rollouts.ladders.phases.steps.0.flags_on": ("paper_trading_enbled",)},
    ),
    Sample(
        says="live in phase 1",
        catalogue={
            "catalogue.rollouts.ladders.phases.steps.0.flags_on": (
                "paper_trading_enabled",
                "simulation_accuracy_monitoring",
                "emergency_stop_enabled",
                "live_trading_enabled",
            ),
        },
    ),
)


_FIRST = {"live_money": 3}


def judge(fleet: Fleet) -> Iterator[Hit]:
    ladder = phases_ladder(fleet.catalogue)
    name = next((one for one, it in fleet.catalogue.rollouts.ladders.items() if it is ladder), "")
    for at, step in enumerate(ladder.steps if ladder else ()):
        place = ("catalogue", "rollouts", "ladders", name, "steps", at)
        for key in step.flags_on:
            flag = fleet.catalogue.flags.flags.get(key)
            if flag is None:
                yield Hit((*place, "flags_on"), f"`{key}` is no flag of flags.yaml")
            elif not flag.safe and at + 1 < _FIRST.get(flag.risk, 1):
                message = f"phase {at + 1} may switch on `{key}`, which opens in phase {_FIRST[flag.risk]}"
                yield Hit((*place, "flags_on"), message)
