"""An alert of alerts.yaml would have no alarm, or one that tells nobody.

An alert that is only written down wakes nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, Resources
from policies.planned import ALARM, DATABASE, SUBSCRIPTION, items, name, of, plan, urn_path, value
from policies.rule import Meta, Sample, Scope
from policies.sample import catalogue

META = Meta(
    id="INF116",
    slug="alert_without_alarm",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="alert without an alarm",
    fix="make the alarm, with a topic for alarm and for recovery, and a subscriber on the topic",
    reads=(
        "resources.aws:cloudwatch/metricAlarm:MetricAlarm.metricName",
        "catalogue.alerts.alerts",
        "resources.aws:rds/instance:Instance",
        "resources.aws:sns/topicSubscription:TopicSubscription.protocol",
    ),
    source="paper 02 5 Infrastructure",
    tiers=("staging", "production"),
)
WHOLE_GRAPH = True
TOLD = {"alarmActions": ["t"], "okActions": ["t"]}
METRICS = tuple(alert.metric for alert in catalogue().alerts.alerts.values())
VALID = (
    Sample(
        says="all watched",
        resources=(
            *[plan(ALARM, TOLD | {"metricName": one}) for one in METRICS],
            *[plan(SUBSCRIPTION, {"protocol": one}) for one in ("email", "https")],
        ),
    ),
)
INVALID = (
    Sample(says="a database and no alarm", resources=(plan(DATABASE, {}),)),
    Sample(says="one alarm for many alerts", resources=(plan(ALARM, TOLD | {"metricName": "error_rate"}),)),
    Sample(
        says="tells nobody",
        resources=(plan(ALARM, {"metricName": "error_rate", "alarmActions": [], "okActions": ["t"]}),),
    ),
)


ROUTES = {"email": "email", "pagerduty": "https"}


def judge(graph: Resources) -> Iterator[Hit]:
    alarms = list(of(graph, ALARM))
    is_built = bool(alarms) or any(of(graph, DATABASE))
    watched = {value(one, "metricName") for one in alarms}
    for alert, says in graph.state.catalogue.alerts.alerts.items() if is_built else ():
        if says.metric not in watched:
            yield Hit(("catalogue", "alerts", "alerts", alert, "metric"), f"no alarm watches `{says.metric}`")
    for one in alarms:
        for key in ("alarmActions", "okActions"):
            if not items(value(one, key)):
                yield Hit(urn_path(one, key), f"{name(one)}: `{key}` tells nobody")
    given = {value(one, "protocol") for one in of(graph, SUBSCRIPTION)}
    alerting = graph.state.environment.alerting
    for channel in alerting.critical if is_built and alerting.enabled else ():
        if channel in ROUTES and ROUTES[channel] not in given:
            yield Hit(("alerting", "critical"), f"channel `{channel}` has no subscription")
