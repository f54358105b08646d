"""An environment is pointed at another database, schema or Redis.

The records, the receipts and the kills stay behind in the old one; the new one knows of no open position.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Also, Change, Hit
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF007",
    slug="store_moved",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    title="store moved",
    fix="migrate the records first, then move with a waiver that names the migration",
    reads=(
        "database.host",
        "database.port",
        "database.name",
        "database.paper_schema",
        "database.live_schema",
        "redis.host",
        "redis.port",
    ),
    source="paper 02 5 (stateful resources never replaced without approval), seed 001 (Migration Checklist)",
)
VALID = (
    Sample(says="it stays", before={}),
    Sample(
        says="the first live schema",
        edits={"database.live_schema": "live_trading"},
        before={"database.live_schema": None},
    ),
)
INVALID = (
    Sample(says="another database", edits={"database.name": "traider_other"}, before={}),
    Sample(says="another Redis", edits={"redis.host": "cache.other.example.com"}, before={}),
)


_KEYS = ("host", "port", "name", "paper_schema", "live_schema")


def judge(change: Change) -> Iterator[Hit]:
    for key in (*change.below("database"), *change.below("redis")):
        if key.path[1] in _KEYS and key.before not in (None, MISSING) and key.after is not MISSING:
            was = Also(key.path, f"was {key.before}", base=True)
            message = (
                f"`{dotted(key.path)}` moves from {key.before} to {key.after}, and what it holds stays behind"
            )
            yield Hit(key.path, message, related=(was,))
