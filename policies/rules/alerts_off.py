"""No alert leaves the machine in staging or production.

A rollback nobody hears of is a surprise; a loss nobody hears of is a larger one.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ALR001",
    slug="alerts_off",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=(
        "staging",
        "production",
    ),
    title="alerts off",
    fix="set `alerting.enabled: true`",
    reads=("alerting.enabled",),
    source="seed 000 1.1 (alerts: enabled in staging and production)",
)
VALID = (
    Sample(says="on in staging", tier="staging"),
    Sample(says="off in dev", tier="dev"),
)
INVALID = (Sample(says="off in production", edits={"alerting.enabled": False}),)


def judge(state: State) -> Iterator[Hit]:
    if not state.environment.alerting.enabled:
        yield Hit(("alerting", "enabled"), f"alerts are off in tier `{state.tier}`")
