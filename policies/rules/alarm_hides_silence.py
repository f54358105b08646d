"""An alarm would stay calm when its metric stops coming.

A dead engine sends no metric: with the default it looks healthy.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Hit, Resources
from policies.planned import ALARM, must_be, name, of, plan, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF117",
    slug="alarm_hides_silence",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="alarm that silence does not trip",
    fix="treat missing data as breaching",
    reads=("resources.aws:cloudwatch/metricAlarm:MetricAlarm.treatMissingData", "catalogue.alerts.alerts"),
    source="seed 002 health check, paper 02 5 Infrastructure",
    tiers=("staging", "production"),
)
VALID = (
    Sample(
        says="breaching",
        resources=(plan(ALARM, {"metricName": "heartbeat_age_seconds", "treatMissingData": "breaching"}),),
    ),
)
INVALID = (
    Sample(
        says="calm",
        resources=(plan(ALARM, {"metricName": "heartbeat_age_seconds", "treatMissingData": "missing"}),),
    ),
    Sample(
        says="muted",
        resources=(
            plan(
                ALARM,
                {
                    "metricName": "heartbeat_age_seconds",
                    "treatMissingData": "breaching",
                    "actionsEnabled": False,
                },
            ),
        ),
    ),
)


def judge(graph: Resources) -> Iterator[Hit]:
    must_fire = {
        alert.metric for alert in graph.state.catalogue.alerts.alerts.values() if alert.missing == "fires"
    }
    for one in of(graph, ALARM):
        if value(one, "metricName") in must_fire:
            yield from must_be(one, "treatMissingData", "breaching", "silence must trip it")
        if value(one, "actionsEnabled") not in (MISSING, True) and graph.state.environment.alerting.enabled:
            yield Hit(urn_path(one, "actionsEnabled"), f"{name(one)}: its actions are off")
