"""Nobody is paged for a critical alert in production.

A mail at night is read in the morning.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ALR002",
    slug="paging_off",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=("production",),
    title="paging off in production",
    fix="set `alerting.pagerduty: true` and list `pagerduty` among the critical channels",
    reads=("alerting.pagerduty", "alerting.critical"),
    source="seed 000 1.1 (pagerduty: enabled in production)",
)
VALID = (Sample(says="paged"),)
INVALID = (
    Sample(says="off", edits={"alerting.pagerduty": False}),
    Sample(says="not routed", edits={"alerting.critical": ("slack",)}),
)


def judge(state: State) -> Iterator[Hit]:
    alerting = state.environment.alerting
    if not alerting.pagerduty:
        yield Hit(("alerting", "pagerduty"), "critical alerts page nobody in production")
    if "pagerduty" not in alerting.critical:
        yield Hit(("alerting", "critical"), "`pagerduty` is missing from the critical channels of production")
