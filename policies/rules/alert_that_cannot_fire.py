"""A critical alert stays silent when its metric is absent, or does nothing when it fires.

A dead exporter looks exactly like a healthy system.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ALR007",
    slug="alert_that_cannot_fire",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="alert that cannot fire",
    fix="critical alerts fire on missing data and page somebody or roll back",
    reads=("catalogue.alerts.alerts",),
    source="seed 002 (a health check that could never fail), paper 02 5 (heartbeat treats missing data as breaching)",
)
VALID = (Sample(says="fires and pages"),)
INVALID = (
    Sample(
        says="silent without data", catalogue={"catalogue.alerts.alerts.heartbeat_missing.missing": "holds"}
    ),
    Sample(says="only a notice", catalogue={"catalogue.alerts.alerts.daily_loss.actions": ("notify",)}),
)


_DOES = ("page", "roll_back")


def judge(fleet: Fleet) -> Iterator[Hit]:
    for name, alert in fleet.catalogue.alerts.alerts.items():
        place = ("catalogue", "alerts", "alerts", name)
        if alert.severity != "critical":
            continue
        if alert.missing != "fires":
            yield Hit(
                (*place, "missing"), f"critical alert `{name}` stays silent when `{alert.metric}` is absent"
            )
        if not set(_DOES) & set(alert.actions):
            yield Hit((*place, "actions"), f"critical alert `{name}` neither pages nor rolls back")
