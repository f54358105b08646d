"""Prometheus rules from the alerts: the same threshold, duration and meaning of silence as the CloudWatch alarms.

Never invents an alert: one rule per definition, by its own name.
"""

from __future__ import annotations

from typing import Any

from config.models.catalogue import Alert, Alerts

PREFIX = "interlock_"
_SIDES = {"above": ("max", ">"), "below": ("min", "<")}
_HELD = "1d"  # how long a silent metric of a `missing: holds` alert keeps its last value


def prometheus_rules(environment: str, alerts: Alerts) -> dict[str, Any]:
    """One group of alerting rules for one environment."""
    rules = [_rule(environment, name, alert) for name, alert in alerts.alerts.items()]
    return {"groups": [{"name": f"interlock-{environment}", "rules": rules}]}


def expression(environment: str, alert: Alert) -> str:
    """When the alert fires: the worst of all series passes the threshold, or nobody tells where silence must fire."""
    worst, passes = _SIDES[alert.fires_when]
    series = f'{PREFIX}{alert.metric}{{environment="{environment}"}}'
    seen = series if alert.missing == "fires" else f"last_over_time({series}[{_HELD}])"
    crossed = f"{worst} by (environment) ({seen}) {passes} {alert.threshold}"
    return f"{crossed} or absent({series})" if alert.missing == "fires" else crossed


def _rule(environment: str, name: str, alert: Alert) -> dict[str, Any]:
    return {
        "alert": name,
        "expr": expression(environment, alert),
        "for": f"{alert.for_seconds}s",
        "labels": {"severity": alert.severity, "environment": environment},
        "annotations": {
            "summary": f"{environment}: {alert.says}",
            "description": f"{alert.metric} is {{{{ $value }}}}, {alert.fires_when} {alert.threshold} fires",
            "actions": ", ".join(alert.actions),
            "source": alert.source,
        },
    }
