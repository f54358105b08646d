"""An alert of alerts.yaml would have no alarm, or one that tells nobody.

An alert that is only written down wakes nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import UNKNOWN, Hit, Resource, Resources
from policies.planned import (
    ALARM,
    COMPOSITE,
    DATABASE,
    SLACK,
    SUBSCRIPTION,
    TARGET,
    TOPIC,
    items,
    name,
    needs,
    of,
    one_of,
    plan,
    urn_path,
    value,
)
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
        "resources.aws:cloudwatch/compositeAlarm:CompositeAlarm.alarmRule",
        "resources.aws:cloudwatch/eventTarget:EventTarget.arn",
        "resources.aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration.snsTopicArns",
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
            *[plan(SUBSCRIPTION, {"protocol": one, "topic": "t"}) for one in ("email", "https")],
            plan(TOPIC, {"name": "t"}),
            plan(COMPOSITE, {"alarmRule": "ALARM(sample)"}),
            plan(DATABASE, {}),
        ),
    ),
)
INVALID = (
    Sample(says="told in clear", resources=(plan(SUBSCRIPTION, {"protocol": "http", "topic": UNKNOWN}),)),
    Sample(says="told elsewhere", resources=(plan(SUBSCRIPTION, {"protocol": "email", "topic": "x"}),)),
    Sample(
        says="a heart left out",
        resources=(
            plan(ALARM, TOLD | {"metricName": "error_rate"}, called="a"),
            plan(COMPOSITE, {"alarmRule": "ALARM(b)"}),
            plan(TOPIC, {"name": "t"}),
        ),
    ),
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
    yield from _told(graph, alarms)
    given = {value(one, "protocol") for one in of(graph, SUBSCRIPTION)}
    alerting = graph.state.environment.alerting
    for channel in alerting.critical if is_built and alerting.enabled else ():
        if channel in ROUTES and ROUTES[channel] not in given:
            yield Hit(("alerting", "critical"), f"channel `{channel}` has no subscription")


def _told(graph: Resources, alarms: list[Resource]) -> Iterator[Hit]:
    """Actions and subscribers meet at a topic of this program; the composite alarm knows every critical alarm."""
    topics = [str(value(one, "name")) for one in of(graph, TOPIC)]
    for one, keys in (
        *((one, ("alarmActions", "okActions")) for one in alarms),
        *((one, ("topic",)) for one in of(graph, SUBSCRIPTION)),
        *((one, ("arn",)) for one in of(graph, TARGET)),
        *((one, ("snsTopicArns",)) for one in of(graph, SLACK)),
    ):
        for key in keys:
            told = [topic for topic in items(value(one, key)) if topic is not UNKNOWN]
            if not items(value(one, key)) or any(not str(topic).endswith(tuple(topics)) for topic in told):
                yield Hit(urn_path(one, key), f"{name(one)}: `{key}` leads to no topic of this program")
    for one in of(graph, SUBSCRIPTION):
        yield from needs(one, ("protocol",), one_of("email", "https"), "people are told by e-mail or TLS")
    alerts = graph.state.catalogue.alerts.alerts.values()
    critical = {alert.metric for alert in alerts if alert.severity == "critical"}
    for whole in of(graph, COMPOSITE):
        rule = value(whole, "alarmRule")
        missed = [
            name(one) for one in alarms if value(one, "metricName") in critical and name(one) not in str(rule)
        ]
        if rule is not UNKNOWN and missed:
            yield Hit(urn_path(whole, "alarmRule"), f"{name(whole)}: does not know `{missed[0]}`")
