"""Backups would reach back less far than the tier asks for.

A wrong migration is often found after a weekend, a wrong ledger after a month.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Hit, Resources
from policies.planned import DATABASE, PLAN, items, name, of, plan, says, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF107",
    slug="backups_too_short",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="backups that end too early",
    fix="keep 7 days at least, 35 in production",
    reads=(
        "resources.aws:rds/instance:Instance.backupRetentionPeriod",
        "resources.aws:backup/plan:Plan.rules",
    ),
    source="paper 02 5 Infrastructure",
)
VALID = (
    Sample(
        says="five weeks",
        resources=(
            plan(DATABASE, {"backupRetentionPeriod": 35}),
            plan(PLAN, {"rules": [{"lifecycle": {"deleteAfter": 35}}]}),
        ),
    ),
)
INVALID = (
    Sample(says="a day", resources=(plan(DATABASE, {"backupRetentionPeriod": 1}),)),
    Sample(says="none in dev", tier="dev", resources=(plan(DATABASE, {"backupRetentionPeriod": 0}),)),
    Sample(
        says="copies for ever unknown",
        resources=(plan(PLAN, {"rules": [{"lifecycle": {"deleteAfter": 34}}]}),),
    ),
)


LEAST = {"production": 35}


def judge(graph: Resources) -> Iterator[Hit]:
    least = LEAST.get(graph.state.tier, 7)
    for one in of(graph, DATABASE):
        days = value(one, "backupRetentionPeriod")
        if not isinstance(days, int) or days < least:
            yield Hit(
                ("infrastructure", "database", "backup_days"),
                f"{name(one)}: {least} days of backups at least; `backupRetentionPeriod` is {says(days)}",
            )
    for one in of(graph, PLAN):
        for rule in items(value(one, "rules")):
            days = (rule.get("lifecycle") or {}).get("deleteAfter", MISSING)
            if not isinstance(days, int) or days < least:
                yield Hit(
                    ("infrastructure", "backups", "retention_days"),
                    f"{name(one)}: copies are kept {least} days at least; `deleteAfter` is {says(days)}",
                )
