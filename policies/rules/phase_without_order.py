"""rollouts.yaml itself lets a flag in before its phase, or forgets a flag.

The lists per phase are what ROL001 trusts, so they are bounded too.
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
    fix="live flags from phase 3, mode switching from phase 2; state every flag on every rung",
    reads=(
        "catalogue.rollouts.ladders.*.steps.*.flags_on",
        "catalogue.rollouts.ladders.*.steps.*.flags_off",
        "catalogue.flags.flags",
    ),
    source="seed 000 2.1 to 2.4",
)
VALID = (Sample(says="in order"),)
INVALID = (
    Sample(
        says="a flag forgotten",
        catalogue={"catalogue.rollouts.ladders.phases.steps.0.flags_off": ("live_trading_enabled",)},
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
            "catalogue.rollouts.ladders.phases.steps.0.flags_off": ("mode_switching_enabled",),
        },
    ),
)


_FIRST = {"live_money": 3}


def judge(fleet: Fleet) -> Iterator[Hit]:
    ladder = phases_ladder(fleet.catalogue)
    name = next((one for one, it in fleet.catalogue.rollouts.ladders.items() if it is ladder), "")
    for at, step in enumerate(ladder.steps if ladder else ()):
        place = ("catalogue", "rollouts", "ladders", name, "steps", at)
        for key, flag in fleet.catalogue.flags.flags.items():
            is_on, is_off = key in step.flags_on, key in step.flags_off
            if is_on == is_off:
                where = "both lists" if is_on else "neither list"
                yield Hit((*place, "flags_off"), f"`{key}` stands in {where} of phase {at + 1}")
            if is_on and not flag.safe and at + 1 < _FIRST.get(flag.risk, 1):
                message = f"phase {at + 1} may switch on `{key}`, which opens in phase {_FIRST[flag.risk]}"
                yield Hit((*place, "flags_on"), message)
            if is_off and flag.safe:
                yield Hit((*place, "flags_off"), f"phase {at + 1} keeps `{key}` off, which is safe when on")
