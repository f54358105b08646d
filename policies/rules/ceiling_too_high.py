"""flags.yaml itself would let live money into dev or into staging beyond a sandbox.

The ceiling is what FLG004 and the engine trust, so the ceiling is bounded too.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG011",
    slug="ceiling_too_high",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="ceiling too high",
    fix="dev: off, staging: sandbox at most, for every flag that risks live money",
    reads=("catalogue.flags.flags.*.ceiling", "catalogue.flags.flags.*.risk", "catalogue.flags.flags.*.safe"),
    source="paper 03 4.2 and 5.1 (environment ceilings with a proof)",
)
VALID = (Sample(says="off in dev, sandbox in staging"),)
INVALID = (
    Sample(says="on in dev", catalogue={"catalogue.flags.flags.live_trading_enabled.ceiling.dev": "on"}),
    Sample(
        says="on in staging", catalogue={"catalogue.flags.flags.live_trading_enabled.ceiling.staging": "on"}
    ),
)


_HIGHEST = {"dev": ("off",), "staging": ("off", "sandbox")}


def judge(fleet: Fleet) -> Iterator[Hit]:
    for key, flag in fleet.catalogue.flags.flags.items():
        if flag.risk != "live_money" or flag.safe:
            continue
        for tier, allowed in _HIGHEST.items():
            ceiling = getattr(flag.ceiling, tier)
            if ceiling not in allowed:
                place = ("catalogue", "flags", "flags", key, "ceiling", tier)
                yield Hit(place, f"`{key}` risks live money; its ceiling in tier `{tier}` is {ceiling}")
