"""The emergency stop is not armed for every account.

`emergency_stop_enabled` means the stop is armed, not that trading is stopped; disarmed, a kill would not be obeyed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG005",
    slug="emergency_stop_disarmed",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="emergency stop disarmed",
    fix="set `enabled: true` and `percent: 100.0`; to stop trading use `trading_halted` or `interlock kill`",
    reads=(
        "flags.*.enabled",
        "flags.*.percent",
        "catalogue.flags.flags.*.risk",
        "catalogue.flags.flags.*.safe",
    ),
    source="paper 00 1.5 (the stop is armed everywhere), seed 000 1.2 (EMERGENCY_STOP_ENABLED: True)",
)
VALID = (Sample(says="armed for all"),)
INVALID = (
    Sample(says="off", edits={"flags.emergency_stop_enabled.enabled": False}),
    Sample(says="armed for some", edits={"flags.emergency_stop_enabled.percent": Decimal("99.9")}),
)


def judge(state: State) -> Iterator[Hit]:
    for key, flag in state.environment.flags.items():
        identity = state.identity(key)
        if identity is None or identity.risk != "live_money" or not identity.safe:
            continue
        if not flag.enabled:
            yield Hit(("flags", key, "enabled"), f"`{key}` is off: the stop is not armed")
        elif flag.percent < 100:
            yield Hit(
                ("flags", key, "percent"), f"`{key}` arms the stop for {flag.percent} % of accounts only"
            )
