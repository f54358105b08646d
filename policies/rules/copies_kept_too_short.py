"""Less is kept than the tier needs to come back from a loss.

A fault found after a month needs a copy from before the month.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF010",
    slug="copies_kept_too_short",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="backups too short for the tier",
    fix="production keeps 35 days of backups and 7 of the cache on 3 nodes; staging keeps copies for 14 days",
    reads=("infrastructure.database.backup_days", "infrastructure.cache", "infrastructure.backups"),
    source="paper 02 5 (backups >= 7 days, production >= 35), seed 002 (Disaster Recovery)",
)
VALID = (Sample(says="five weeks in production"),)
INVALID = (
    Sample(says="one week in production", edits={"infrastructure.database.backup_days": 7}),
    Sample(says="two nodes in production", edits={"infrastructure.cache.nodes": 2}),
)


_LEAST = {
    "dev": {},
    "staging": {("backups", "retention_days"): 14},
    "production": {
        ("database", "backup_days"): 35,
        ("cache", "nodes"): 3,
        ("cache", "snapshot_days"): 7,
        ("backups", "retention_days"): 35,
        ("backups", "minimum_days"): 35,
    },
}


def judge(state: State) -> Iterator[Hit]:
    for path, least in _LEAST[state.tier].items():
        value = state.leaves.get(("infrastructure", *path))
        if isinstance(value, int) and value < least:
            message = f"`{dotted(path)}` is {value}, tier `{state.tier}` needs {least}"
            yield Hit(("infrastructure", *path), message)
