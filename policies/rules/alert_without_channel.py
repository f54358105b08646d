"""Alerts are on but lead nowhere, or to a channel nobody knows.

An alert without a reader is a metric.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ALR003",
    slug="alert_without_channel",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="alert without channel",
    fix="list at least one channel of alerts.yaml for critical alerts and one for warnings",
    reads=("alerting", "catalogue.alerts.channels"),
    source="seed 002 (Alert Channels), paper 02 5 (a confirmed route for every alert)",
)
VALID = (
    Sample(says="routed"),
    Sample(says="off and unrouted in dev", tier="dev"),
)
INVALID = (
    Sample(says="nowhere", edits={"alerting.warning": ()}),
    Sample(says="a misspelt channel", edits={"alerting.critical": ("pagerduty", "slakc")}),
)


def judge(state: State) -> Iterator[Hit]:
    alerting, known = state.environment.alerting, state.catalogue.alerts.channels
    for level in ("critical", "warning"):
        channels = getattr(alerting, level)
        if alerting.enabled and not channels:
            yield Hit(("alerting", level), f"{level} alerts are on and lead nowhere")
        for channel in channels:
            if channel not in known:
                declared = (Also(("catalogue", "alerts", "channels"), "known channels"),)
                yield Hit(("alerting", level), f"channel `{channel}` is not in alerts.yaml", related=declared)
