"""An Alertmanager configuration from who is told in one environment; every key to a channel is a file on its host.

Never holds a secret: only where Alertmanager finds it.
"""

from __future__ import annotations

from typing import Any

from config.models.environment import Environment

SECRETS = "/etc/alertmanager/secrets"
_SILENCE = "heartbeat_missing"


def alertmanager_config(environment: Environment) -> dict[str, Any]:
    """Routes by severity; what nobody is told of still shows in Alertmanager, under the receiver `nobody`."""
    name = environment.environment
    told = {"critical": environment.alerting.critical, "warning": environment.alerting.warning}
    receivers = [_receiver(environment, severity, channels) for severity, channels in told.items()]
    return {
        "global": {
            "resolve_timeout": "5m",
            "smtp_smarthost": "localhost:25",
            "smtp_from": f"interlock@{environment.url.removeprefix('https://')}",
            "smtp_require_tls": False,  # to the mail server of the same host
        },
        "route": {
            "receiver": "nobody",
            "group_by": ["environment", "alertname"],
            "routes": [_route(name, severity) for severity in told] if environment.alerting.enabled else [],
        },
        "receivers": [{"name": "nobody"}, *receivers],
        "inhibit_rules": [_warnings_of_a_silent_engine(name)],
    }


def _route(environment: str, severity: str) -> dict[str, Any]:
    quick = severity == "critical"
    return {
        "receiver": severity,
        "matchers": [f'environment="{environment}"', f'severity="{severity}"'],
        "group_wait": "0s" if quick else "30s",
        "group_interval": "1m" if quick else "5m",
        "repeat_interval": "1h" if quick else "12h",
    }


def _receiver(environment: Environment, severity: str, channels: tuple[str, ...]) -> dict[str, Any]:
    routes = environment.infrastructure.routes
    receiver: dict[str, Any] = {"name": severity}
    if "email" in channels and routes.email is not None:
        receiver |= {"email_configs": [{"to": routes.email, "send_resolved": True}]}
    if "slack" in channels and routes.slack_channel is not None:
        slack = {
            "channel": routes.slack_channel,
            "api_url_file": f"{SECRETS}/slack_url",
            "send_resolved": True,
        }
        receiver |= {"slack_configs": [slack]}
    if "pagerduty" in channels and environment.alerting.pagerduty:
        page = {"routing_key_file": f"{SECRETS}/pagerduty_key", "severity": severity, "send_resolved": True}
        receiver |= {"pagerduty_configs": [page]}
    return receiver


def _warnings_of_a_silent_engine(environment: str) -> dict[str, Any]:
    """A silent engine makes every alert fire that fires on silence: the warnings among them say nothing new."""
    return {
        "source_matchers": [f'alertname="{_SILENCE}"', f'environment="{environment}"'],
        "target_matchers": ['severity="warning"', f'environment="{environment}"'],
        "equal": ["environment"],
    }
