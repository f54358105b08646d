"""Backups would reach back less far than the tier asks for.

A wrong migration is often found after a weekend, a wrong ledger after a month.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resources
from policies.planned import (
    CACHE,
    DATABASE,
    LOG,
    PLAN,
    at_least,
    given,
    items,
    name,
    needs,
    of,
    plan,
    says,
    urn_path,
    value,
)
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
        "resources.aws:elasticache/replicationGroup:ReplicationGroup.snapshotRetentionLimit",
        "resources.aws:cloudwatch/logGroup:LogGroup.retentionInDays",
    ),
    source="paper 02 5 Infrastructure",
)
VALID = (
    Sample(
        says="a day of snapshots", tier="staging", resources=(plan(CACHE, {"snapshotRetentionLimit": 1}),)
    ),
    Sample(
        says="five weeks",
        resources=(
            plan(DATABASE, {"backupRetentionPeriod": 35}),
            plan(PLAN, {"rules": [{"lifecycle": {"deleteAfter": 35}}]}),
            plan(LOG, {}),
        ),
    ),
)
INVALID = (
    Sample(says="a plan of nothing", resources=(plan(PLAN, {"rules": []}),)),
    Sample(says="no snapshots", tier="staging", resources=(plan(CACHE, {}),)),
    Sample(says="a log for a month", resources=(plan(LOG, {"retentionInDays": 30}),)),
    Sample(says="a day", resources=(plan(DATABASE, {"backupRetentionPeriod": 1}),)),
    Sample(says="none in dev", tier="dev", resources=(plan(DATABASE, {"backupRetentionPeriod": 0}),)),
    Sample(
        says="copies for ever unknown",
        resources=(plan(PLAN, {"rules": [{"lifecycle": {"deleteAfter": 34}}]}),),
    ),
)


LEAST = {"production": 35}
LEAST_SNAPSHOTS = {"production": 7}
LEAST_LOG = 180


def judge(graph: Resources) -> Iterator[Hit]:
    least = LEAST.get(graph.state.tier, 7)
    for one in of(graph, DATABASE):
        days = value(one, "backupRetentionPeriod")
        if not at_least(least)(days):
            yield Hit(
                ("infrastructure", "database", "backup_days"),
                f"{name(one)}: {least} days of backups at least; `backupRetentionPeriod` is {says(days)}",
            )
    for one in of(graph, CACHE):
        days = LEAST_SNAPSHOTS.get(graph.state.tier, 1)
        keys, place = ("snapshotRetentionLimit",), ("infrastructure", "cache", "snapshot_days")
        yield from needs(one, keys, at_least(days), f"{days} days of snapshots at least", place)
    for one in of(graph, LOG):
        kept = value(one, "retentionInDays")
        if kept not in (MISSING, 0) and not at_least(LEAST_LOG)(kept):
            message = f"{name(one)}: a log is kept {LEAST_LOG} days at least, not {says(kept)}"
            yield Hit(urn_path(one, "retentionInDays"), message)
    for one in of(graph, PLAN):
        yield from needs(one, ("rules",), given, "a plan without rules copies nothing")
        for rule in items(value(one, "rules")):
            days = (
                (rule.get("lifecycle") or {}).get("deleteAfter", MISSING)
                if isinstance(rule, dict)
                else UNKNOWN
            )
            if not at_least(least)(days):
                yield Hit(
                    ("infrastructure", "backups", "retention_days"),
                    f"{name(one)}: copies are kept {least} days at least; `deleteAfter` is {says(days)}",
                )
