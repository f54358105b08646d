"""A flag whose safe value is on does not cover everybody.

What is safe when on (monitoring) watches the others; switched off, their evidence ends in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import Hit, State, lets_all_in
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG007",
    slug="guard_flag_off",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="guarding flag off",
    fix="set `enabled: true` and `percent: 100.0`",
    reads=("flags.*.enabled", "flags.*.percent", "catalogue.flags.flags.*.safe"),
    source="seed 000 1.2 (SIMULATION_ACCURACY_MONITORING: True), paper 03 4.1",
)
VALID = (Sample(says="on for all"),)
INVALID = (
    Sample(says="monitoring off", edits={"flags.simulation_accuracy_monitoring.enabled": False}),
    Sample(
        says="monitoring for half", edits={"flags.simulation_accuracy_monitoring.percent": Decimal("50.0")}
    ),
)


def judge(state: State) -> Iterator[Hit]:
    for key, flag in state.environment.flags.items():
        identity = state.identity(key)
        if identity is None or not identity.safe or lets_all_in(flag):
            continue
        part = "percent" if flag.enabled else "enabled"
        yield Hit(("flags", key, part), f"`{key}` is safe when on, and does not cover every account")
