"""Debugging aids or DEBUG logs run where real money can move.

Debugging aids bypass and print; DEBUG logs carry keys and orders to wherever logs go.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN014",
    slug="debug_with_live",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=("staging", "production"),
    title="debug with live",
    fix="switch debugging aids and DEBUG logs off where real money can move",
    reads=(
        "debug_mode",
        "monitoring.log_level",
        "flags.*.enabled",
        "venue",
        "catalogue.flags.flags",
        "catalogue.venues.venues",
    ),
    source="seed 001 (production.yml debug_mode false), paper 02 5",
)
VALID = (Sample(says="debug without live", tier="dev"),)
INVALID = (
    Sample(says="debug mode", edits={"debug_mode": True, "flags.live_trading_enabled.enabled": True}),
    Sample(says="DEBUG logs", edits={"monitoring.log_level": "DEBUG", "venue.mode": "live"}),
)


def judge(state: State) -> Iterator[Hit]:
    reasons = state.live_reasons()
    if not reasons:
        return
    because = (Also(reasons[0], "real money can move"),)
    if state.environment.debug_mode:
        yield Hit(("debug_mode",), "`debug_mode` is on where real money can move", related=because)
    if state.environment.monitoring.log_level == "DEBUG":
        yield Hit(("monitoring", "log_level"), "DEBUG logs where real money can move", related=because)
