"""A flag that opens the way to real money does not need the emergency stop.

Then trading could stay open while the stop is disarmed.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG015",
    slug="stop_not_a_prerequisite",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="live flag without the stop",
    fix="list the emergency stop in `prerequisites`",
    reads=(
        "catalogue.flags.flags.*.prerequisites",
        "catalogue.flags.flags.*.risk",
        "catalogue.flags.flags.*.safe",
    ),
    source="paper 00 1.5, seed 000 2.3 (phase 3 enables emergency_stop with live_trading)",
)
VALID = (Sample(says="the stop comes first"),)
INVALID = (
    Sample(
        says="live without it", catalogue={"catalogue.flags.flags.live_trading_enabled.prerequisites": ()}
    ),
)


def judge(fleet: Fleet) -> Iterator[Hit]:
    flags = fleet.catalogue.flags.flags
    stops = {key for key, flag in flags.items() if flag.risk == "live_money" and flag.safe}
    if not stops:
        yield Hit(
            ("catalogue", "flags", "flags"), "no flag is an emergency stop (risk live_money, safe when on)"
        )
    for key, flag in flags.items():
        if flag.risk == "live_money" and not flag.safe and not stops & set(flag.prerequisites):
            place = ("catalogue", "flags", "flags", key, "prerequisites")
            yield Hit(place, f"`{key}` risks live money and does not need the emergency stop")
