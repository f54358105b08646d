"""An alert fires later than before, does less, or is gone.

The quickest way to end an alarm is to move its threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import MISSING, Also, Change, Hit
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ALR005",
    slug="alert_loosened",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    title="alert loosened",
    fix="keep the threshold, or add a waiver with the measurement that justifies the new one",
    reads=("catalogue.alerts",),
    source="paper 02 5 (thresholds may not loosen unseen), seed 000 4.2",
)
VALID = (
    Sample(
        says="a tighter threshold",
        catalogue={"catalogue.alerts.alerts.daily_loss.threshold": Decimal("2.0")},
        catalogue_before={},
    ),
)
INVALID = (
    Sample(
        says="a looser threshold",
        catalogue={"catalogue.alerts.alerts.daily_loss.threshold": Decimal("9.0")},
        catalogue_before={},
    ),
    Sample(says="gone", catalogue={"catalogue.alerts.alerts.daily_loss": MISSING}, catalogue_before={}),
)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("catalogue", "alerts"):
        if key.direction == "loosen" and key.before is not MISSING:
            was = Also(key.path, f"was {key.before}", base=True)
            state = "is removed" if key.after is MISSING else f"moves from {key.before} to {key.after}"
            yield Hit(key.path, f"`{dotted(key.path[2:])}` {state}, which is looser", related=(was,))
