"""An alert reaches fewer people than before.

Channels are removed one by one until nobody is left; each removal is said aloud.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Also, Change, Hit
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ALR004",
    slug="alert_route_removed",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    title="alert route removed",
    fix="keep the channel, or add a waiver that names who reads the alert instead",
    reads=("alerting", "infrastructure.routes"),
    source="paper 02 5 (thresholds may not loosen unseen)",
)
VALID = (
    Sample(says="one more channel", edits={"alerting.warning": ("slack", "email")}, before={}),
    Sample(says="a new environment of dev", tier="dev", before={"environment": MISSING}),
    Sample(says="an environment that goes", edits={"environment": MISSING}, before={}),
)
INVALID = (
    Sample(says="other people", edits={"infrastructure.routes.email": "x@example.com"}, before={}),
    Sample(says="one less", edits={"alerting.critical": ("pagerduty",)}, before={}),
)


def judge(change: Change) -> Iterator[Hit]:
    if change.before is None or change.after is None:
        return
    for key in change.below("alerting"):
        if key.direction == "loosen":
            was = Also(key.path, "was here", base=True)
            yield Hit(key.path, f"`{dotted(key.path)}` reaches fewer people than before", related=(was,))
    for key in change.below("infrastructure", "routes"):
        if key.before not in (None, MISSING):
            was = Also(key.path, f"was {key.before}", base=True)
            yield Hit(key.path, f"`{dotted(key.path)}` leads to other people than before", related=(was,))
