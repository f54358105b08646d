"""A condition the seeds name has no critical alert.

An alert deleted together with its rule is gone without a sound; the list here does not live in alerts.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import MISSING, Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ALR006",
    slug="required_alert_missing",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="required alert missing",
    fix="add the alert to alerts.yaml, severity critical",
    reads=("catalogue.alerts.alerts",),
    source="seed 000 3.2 and 4.2, seed 002 (Daily P&L, process status), seed 003 (broker disconnected)",
)
VALID = (Sample(says="loss and heartbeat are watched"),)
INVALID = (
    Sample(says="no heartbeat", catalogue={"catalogue.alerts.alerts.heartbeat_missing": MISSING}),
    Sample(says="too late", catalogue={"catalogue.alerts.alerts.daily_loss.threshold": Decimal("5.0")}),
)


_REQUIRED = {"daily_loss_percent": "3.0", "heartbeat_age_seconds": "15.0"}


def judge(fleet: Fleet) -> Iterator[Hit]:
    alerts = fleet.catalogue.alerts.alerts
    for metric, highest in _REQUIRED.items():
        found = [name for name, one in alerts.items() if one.metric == metric and one.severity == "critical"]
        if not found:
            yield Hit(("catalogue", "alerts", "alerts"), f"no critical alert watches `{metric}`")
        for name in found:
            alert = alerts[name]
            if alert.fires_when != "above" or alert.threshold > Decimal(highest):
                place = ("catalogue", "alerts", "alerts", name, "threshold")
                yield Hit(place, f"`{name}` must fire above {highest} at the latest, not {alert.threshold}")
