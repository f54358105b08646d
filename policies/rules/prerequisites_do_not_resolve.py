"""A prerequisite is unknown, or flags depend on one another in a circle.

The engine answers both with the safe value, so the flag could never open and nobody would know why.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG014",
    slug="prerequisites_do_not_resolve",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="prerequisites do not resolve",
    fix="name known flags only, and let no flag depend on itself through others",
    reads=("catalogue.flags.flags.*.prerequisites",),
    source="paper 03 4.2 (missing or cyclic prerequisites are safe), 02 5",
)
VALID = (Sample(says="a line of prerequisites"),)
INVALID = (
    Sample(
        says="unknown",
        catalogue={"catalogue.flags.flags.mode_switching_enabled.prerequisites": ("misspelt",)},
    ),
    Sample(
        says="a circle",
        catalogue={"catalogue.flags.flags.emergency_stop_enabled.prerequisites": ("live_trading_enabled",)},
    ),
)


def judge(fleet: Fleet) -> Iterator[Hit]:
    flags = fleet.catalogue.flags.flags
    for key, flag in flags.items():
        place = ("catalogue", "flags", "flags", key, "prerequisites")
        for needed in flag.prerequisites:
            if needed not in flags:
                yield Hit(place, f"`{key}` needs `{needed}`, which is not in flags.yaml")
        reached, waiting = set[str](), list(flag.prerequisites)
        while waiting:
            needed = waiting.pop()
            if needed in flags and needed not in reached:
                reached.add(needed)
                waiting.extend(flags[needed].prerequisites)
        if key in reached:
            yield Hit(place, f"`{key}` depends on itself through its prerequisites")
