"""A number is beyond the cap its schema states.

The cap is the riskiest value anybody may set anywhere; a limit beyond it bounds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from config.models.nature import Safe
from policies.inputs import Hit, State
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="LIM002",
    slug="limit_above_cap",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="limit above its cap",
    fix="keep to the cap the schema states for this key; a cap itself is changed in config/models, with its own review",
    reads=("*",),
    source="seed 002 (max 5 % per position, daily loss -3 %), paper 02 5; caps: config/models",
)
VALID = (
    Sample(says="every number inside its cap"),
    Sample(says="exactly the cap", edits={"limits.max_position_percent": Decimal("5.0")}),
)
INVALID = (
    Sample(says="one step above", edits={"limits.max_position_percent": Decimal("5.001")}),
    Sample(says="a floor undercut", edits={"limits.min_stop_distance_percent": Decimal("0.099")}),
    Sample(says="two engines for one account", edits={"service.replicas": 2}),
)

_NUMBERS = (int, Decimal)


def judge(state: State) -> Iterator[Hit]:
    for path, value in state.judged_keys():
        if not isinstance(value, _NUMBERS):
            continue
        nature = state.nature(path)
        if nature is None or nature.cap is None:
            continue
        is_floor = nature.safe is Safe.HIGHER
        if (value < nature.cap) if is_floor else (value > nature.cap):
            side, least = ("below", "at least") if is_floor else ("above", "at most")
            yield Hit(
                path,
                f"`{dotted(path)}` is {value}, {side} its cap of {nature.cap} {nature.unit}".rstrip(),
                help=f"set {least} {nature.cap}",
            )
