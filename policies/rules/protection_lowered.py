"""Backups, zones, encryption or another protection of the servers gets less than it was.

Less than before may still be enough for the tier; somebody with a name says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Change, Hit
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF016",
    slug="protection_lowered",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    tiers=(
        "staging",
        "production",
    ),
    title="protection lowered",
    fix="keep the protection, or add a waiver that says for how long it is needed less",
    reads=("infrastructure", "database.tls", "redis.tls"),
    source="paper 02 5 (deletion protection, backups, encryption), paper 00 1.6 (tighten fast, loosen slow)",
)
VALID = (Sample(says="longer backups", edits={"infrastructure.database.backup_days": 35}, before={}),)
INVALID = (
    Sample(
        says="shorter backups",
        edits={"infrastructure.backups.retention_days": 35},
        before={"infrastructure.backups.retention_days": 90},
    ),
    Sample(says="no TLS any more", edits={"database.tls": False}, before={}),
)


def judge(change: Change) -> Iterator[Hit]:
    for key in (
        *change.below("infrastructure"),
        *change.below("database", "tls"),
        *change.below("redis", "tls"),
    ):
        if key.direction == "loosen" and change.before is not None and change.after is not None:
            was = Also(key.path, "was here", base=True)
            yield Hit(key.path, f"`{dotted(key.path)}` protects less than before", related=(was,))
