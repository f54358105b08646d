"""An alert fires after the limit it announces has already stopped trading, or a heartbeat is rarer than its alarm.

Whoever is woken should still be able to decide something.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ALR008",
    slug="alert_later_than_its_limit",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="alert later than its limit",
    fix="let the alert fire at the limit at the latest",
    reads=(
        "limits.max_daily_loss_percent",
        "monitoring.heartbeat_seconds",
        "catalogue.alerts.alerts.*.threshold",
        "catalogue.alerts.alerts.*.metric",
    ),
    source="seed 002 (Daily P&L < -3 %), paper 04 8.8",
)
VALID = (Sample(says="in time"),)
INVALID = (
    Sample(says="a tighter limit than its alert", edits={"limits.max_daily_loss_percent": Decimal("1.0")}),
    Sample(says="a slow heart", edits={"monitoring.heartbeat_seconds": 12}),
)


def judge(state: State) -> Iterator[Hit]:
    limit = state.environment.limits.max_daily_loss_percent
    beat = state.environment.monitoring.heartbeat_seconds
    for name, alert in state.catalogue.alerts.alerts.items():
        place = ("catalogue", "alerts", "alerts", name, "threshold")
        if alert.metric == "daily_loss_percent" and alert.threshold > limit:
            yield Hit(
                ("limits", "max_daily_loss_percent"),
                f"trading stops at {limit} % loss, before `{name}` fires at {alert.threshold} %",
                related=(Also(place, "the alert"),),
            )
        if alert.metric == "heartbeat_age_seconds" and beat * 2 > alert.threshold:
            yield Hit(
                ("monitoring", "heartbeat_seconds"),
                f"two heartbeats take {beat * 2} s, `{name}` fires after {alert.threshold} s",
                related=(Also(place, "the alert"),),
            )
