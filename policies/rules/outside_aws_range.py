"""A number or version is one that AWS does not take: found only when the server is made, half way through.

Nor may the lock of the vault ask for longer than its copies are kept: each copy would then be refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF019",
    slug="outside_aws_range",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="value AWS does not take",
    fix="stay inside the range of the message; PostgreSQL 14 to 18",
    reads=(
        "infrastructure.database.engine_version",
        "infrastructure.database.backup_days",
        "infrastructure.cache.nodes",
        "infrastructure.cache.snapshot_days",
        "infrastructure.backups.retention_days",
        "infrastructure.backups.minimum_days",
    ),
    source="API references of RDS, ElastiCache and Backup (ranges), cfn-lint 1.58.0 (PostgreSQL versions of RDS)",
)
VALID = (
    Sample(says="the longest there is", edits={"infrastructure.database.backup_days": 35}),
    Sample(says="six nodes", edits={"infrastructure.cache.nodes": 6}),
)
INVALID = (
    Sample(says="RDS ends at 35 days", edits={"infrastructure.database.backup_days": 36}),
    Sample(says="a seventh node", edits={"infrastructure.cache.nodes": 7}),
    Sample(says="a version to come", edits={"infrastructure.database.engine_version": "71"}),
    Sample(says="a lock longer than its copies", edits={"infrastructure.backups.minimum_days": 36}),
)


VERSIONS = ("14", "15", "16", "17", "18")
_RANGES = (
    (("database", "backup_days"), 0, 35),
    (("cache", "nodes"), 1, 6),
    (("cache", "snapshot_days"), 0, 35),
    (("backups", "retention_days"), 1, 36500),
    (("backups", "minimum_days"), 1, 36500),
)


def judge(state: State) -> Iterator[Hit]:
    facts, place = state.environment.infrastructure, ("infrastructure",)
    for (section, key), least, most in _RANGES:
        value = getattr(getattr(facts, section), key)
        if not least <= value <= most:
            path = (*place, section, key)
            yield Hit(path, f"`{dotted(path)}` is {value}, AWS takes {least} to {most}")
    version = facts.database.engine_version
    if version not in VERSIONS:
        message = f"no PostgreSQL {version} runs on RDS, but {', '.join(VERSIONS)}"
        yield Hit((*place, "database", "engine_version"), message)
    if facts.backups.minimum_days > facts.backups.retention_days:
        kept = (Also((*place, "backups", "retention_days"), f"kept for {facts.backups.retention_days} days"),)
        message = f"the vault refuses copies kept less than {facts.backups.minimum_days} days"
        yield Hit((*place, "backups", "minimum_days"), message, related=kept)
