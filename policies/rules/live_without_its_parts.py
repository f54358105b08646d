"""An environment can move real money but lacks a part that live trading needs.

Live orders need a place for their records, a role of their own, somebody who is woken, and an image nobody can swap.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN007",
    slug="live_without_its_parts",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=("staging", "production"),
    title="live without what live needs",
    fix="give live trading its schema, its database secret, alerts, paging and a pinned image before it is switched on",
    reads=(
        "phase",
        "flags.*.enabled",
        "venue",
        "database.live_schema",
        "secrets",
        "alerting",
        "service.image",
        "catalogue.flags.flags",
        "catalogue.venues.venues",
    ),
    source="seed 000 6.1 (checklist), seed 002 (Protections), paper 02 5",
)
VALID = (Sample(says="paper trading needs none of it", edits={"service.image": None}),)
INVALID = (
    Sample(says="live with nothing prepared", edits={"phase": 3, "flags.live_trading_enabled.enabled": True}),
)


def judge(state: State) -> Iterator[Hit]:
    reasons = state.live_reasons()
    if not reasons:
        return
    because = (Also(reasons[0], "real money can move"),)
    here = state.environment
    if here.database.live_schema is None:
        yield Hit(
            ("database", "live_schema"), "live orders have no schema for their records", related=because
        )
    if "live_database" not in here.secrets:
        yield Hit(
            ("secrets",), "live orders need the secret `live_database`, a role of their own", related=because
        )
    if not here.alerting.enabled:
        yield Hit(
            ("alerting", "enabled"), "real money can move and no alert leaves the machine", related=because
        )
    if not here.alerting.pagerduty and state.tier == "production":
        yield Hit(("alerting", "pagerduty"), "real money can move and nobody is paged", related=because)
    if here.service.image is None:
        yield Hit(
            ("service", "image"), "real money can move and the image is not pinned by digest", related=because
        )
