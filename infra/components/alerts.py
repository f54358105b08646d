"""Alarms from config/alerts.yaml, one each, and the ways they reach people; silence is an alarm where it must be."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from config.models.catalogue import Alert, Alerts
from infra import iam
from infra.components.engine_role import METRICS
from infra.components.keys import Keys
from infra.components.site import Site, child

COMPARISON = {"above": "GreaterThanThreshold", "below": "LessThanThreshold"}
PERIOD = 60
SEVERITIES = ("critical", "warning")


class AlertTier(pulumi.ComponentResource):
    """A topic per severity, its subscribers, and an alarm per alert."""

    topics: dict[str, aws.sns.Topic]

    def __init__(self, site: Site, keys: Keys, alerts: Alerts, pagerduty: pulumi.Input[str] | None) -> None:
        super().__init__("interlock:alerts:AlertTier", site.names.of("alerts"), None, site.component())
        self._site = site
        self.topics = {severity: self._topic(severity, keys) for severity in SEVERITIES}
        self._subscribe(pagerduty)
        self._slack()
        made = {name: self._alarm(name, alert) for name, alert in alerts.alerts.items()}
        critical = [made[name] for name, alert in alerts.alerts.items() if alert.severity == "critical"]
        self._any(critical)
        self.register_outputs({})

    def _topic(self, severity: str, keys: Keys) -> aws.sns.Topic:
        names = self._site.names
        part = names.of(f"{severity}-alerts")
        topic = aws.sns.Topic(part, name=part, kms_master_key_id=keys.messages.id, opts=child(self))
        publishers = {
            "Effect": "Allow",
            "Principal": {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]},
            "Action": ["sns:Publish"],
            "Resource": names.arn("sns", part),
            "Condition": {"StringEquals": {"aws:SourceAccount": names.account}},
        }
        aws.sns.TopicPolicy(
            f"{part}-policy", arn=topic.arn, policy=iam.document(publishers), opts=child(self)
        )
        return topic

    def _channels(self, severity: str) -> tuple[str, ...]:
        alerting = self._site.environment.alerting
        return (
            {"critical": alerting.critical, "warning": alerting.warning}[severity] if alerting.enabled else ()
        )

    def _subscribe(self, pagerduty: pulumi.Input[str] | None) -> None:
        routes = self._site.environment.infrastructure.routes
        for severity, topic in self.topics.items():
            if "email" in self._channels(severity) and routes.email is not None:
                self._subscription(f"{severity}-email", topic, "email", routes.email, confirms=False)
            if "pagerduty" in self._channels(severity) and pagerduty is not None:
                self._subscription(f"{severity}-pagerduty", topic, "https", pagerduty, confirms=True)

    def _subscription(
        self, part: str, topic: aws.sns.Topic, protocol: str, endpoint: pulumi.Input[str], *, confirms: bool
    ) -> None:
        aws.sns.TopicSubscription(
            self._site.names.of(part),
            topic=topic.arn,
            protocol=protocol,
            endpoint=endpoint,
            endpoint_auto_confirms=confirms,
            opts=pulumi.ResourceOptions(parent=self, additional_secret_outputs=["endpoint"]),
        )

    def _slack(self) -> None:
        routes, names = self._site.environment.infrastructure.routes, self._site.names
        if routes.slack_workspace is None or routes.slack_channel is None:
            return
        told = [topic for severity, topic in self.topics.items() if "slack" in self._channels(severity)]
        if not told:
            return
        role = aws.iam.Role(
            names.of("slack"),
            name=names.of("slack"),
            assume_role_policy=iam.trust_service("chatbot.amazonaws.com", account=names.account),
            opts=child(self),
        )
        aws.chatbot.SlackChannelConfiguration(
            names.of("slack-channel"),
            configuration_name=names.of("alerts"),
            iam_role_arn=role.arn,
            slack_team_id=routes.slack_workspace,
            slack_channel_id=routes.slack_channel,
            sns_topic_arns=[topic.arn for topic in told],
            guardrail_policy_arns=["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
            opts=child(self),
        )

    def _alarm(self, name: str, alert: Alert) -> aws.cloudwatch.MetricAlarm:
        topic = self.topics[alert.severity]
        beats = max(1, -(-alert.for_seconds // PERIOD))
        return aws.cloudwatch.MetricAlarm(
            self._site.names.of(name.replace("_", "-")),
            name=self._site.names.of(name.replace("_", "-")),
            alarm_description=f"{alert.says} ({alert.severity})",
            namespace=METRICS,
            metric_name=alert.metric,
            dimensions={"environment": self._site.environment.environment},
            statistic="Maximum" if alert.fires_when == "above" else "Minimum",
            comparison_operator=COMPARISON[alert.fires_when],
            threshold=float(alert.threshold),
            period=PERIOD,
            evaluation_periods=beats,
            datapoints_to_alarm=beats,
            treat_missing_data="breaching" if alert.missing == "fires" else "ignore",
            actions_enabled=self._site.environment.alerting.enabled,
            alarm_actions=[topic.arn],
            ok_actions=[topic.arn],
            opts=child(self),
        )

    def _any(self, critical: list[aws.cloudwatch.MetricAlarm]) -> None:
        """One alarm that says whether anything critical is open: what a rollout waits for."""
        names = self._site.names
        aws.cloudwatch.CompositeAlarm(
            names.of("anything-critical"),
            alarm_name=names.of("anything-critical"),
            alarm_rule=pulumi.Output.all(*[alarm.name for alarm in critical]).apply(
                lambda open_: " OR ".join(f'ALARM("{name}")' for name in open_)
            ),
            opts=child(self),
        )
