"""An alarm would fire later, on less, on another metric, or stay calm where its alert in alerts.yaml would not.

There is one definition of an alert; an alarm that differs from it is a second one that nobody reviewed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.findings import Severity
from config.models.catalogue import Alert
from policies.inputs import Hit, Resource, Resources
from policies.planned import ALARM, name, of, plan, says, urn_path, value
from policies.rule import Meta, Sample, Scope
from policies.sample import catalogue

META = Meta(
    id="INF123",
    slug="alarm_unlike_its_alert",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="alarm unlike its alert",
    fix="change config/alerts.yaml; the alarm is made from it",
    reads=("resources.aws:cloudwatch/metricAlarm:MetricAlarm.threshold", "catalogue.alerts.alerts"),
    source="issue 5 (one definition), seed 000 4.2",
    tiers=("staging", "production"),
)
PERIOD = 60
COMPARISON = {"above": "GreaterThanThreshold", "below": "LessThanThreshold"}


def wanted(alert: Alert, environment: str) -> Mapping[str, object]:
    """What the alarm of an alert says."""
    beats = max(1, -(-alert.for_seconds // PERIOD))
    return {
        "namespace": "Interlock",
        "dimensions": {"environment": environment},
        "statistic": "Maximum" if alert.fires_when == "above" else "Minimum",
        "comparisonOperator": COMPARISON[alert.fires_when],
        "threshold": float(alert.threshold),
        "period": PERIOD,
        "evaluationPeriods": beats,
        "datapointsToAlarm": beats,
        "treatMissingData": "breaching" if alert.missing == "fires" else "ignore",
    }


ALERT = next(iter(catalogue().alerts.alerts.values()))
ALIKE = {**wanted(ALERT, "production"), "metricName": ALERT.metric}
VALID = (Sample(says="as it is written", resources=(plan(ALARM, ALIKE),)),)
INVALID = (
    Sample(says="later", resources=(plan(ALARM, {**ALIKE, "evaluationPeriods": 60}),)),
    Sample(says="at ten times as much", resources=(plan(ALARM, {**ALIKE, "threshold": 1000.0}),)),
    Sample(says="the other way round", resources=(plan(ALARM, {**ALIKE, "comparisonOperator": "x"}),)),
    Sample(says="an alert nobody wrote", resources=(plan(ALARM, {**ALIKE, "metricName": "mood"}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, ALARM):
        metric = value(one, "metricName")
        alerts = [alert for alert in graph.state.catalogue.alerts.alerts.values() if alert.metric == metric]
        if not alerts:
            yield Hit(urn_path(one, "metricName"), f"{name(one)}: no alert watches {says(metric)}")
        unlike = [_unlike(one, wanted(alert, graph.state.environment.environment)) for alert in alerts]
        for key, should in min(unlike, key=len, default={}).items():
            told = f"`{key}` is {says(value(one, key))}, the alert says {says(should)}"
            yield Hit(urn_path(one, key), f"{name(one)}: {told}")


def _unlike(one: Resource, alike: Mapping[str, object]) -> dict[str, object]:
    return {key: should for key, should in alike.items() if value(one, key) != should}
