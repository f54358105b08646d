"""A schema for live records exists in tier dev.

Where live records can be written, somebody will write some; then paper and live can be mixed up.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN002",
    slug="live_schema_in_dev",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=("dev",),
    title="live schema in dev",
    fix="set `database.live_schema` to null",
    reads=("database.live_schema",),
    source="seed 000 1.1 (`live_schema: null  # No live in dev`)",
)
VALID = (Sample(says="no live schema", tier="dev"),)
INVALID = (Sample(says="a live schema", tier="dev", edits={"database.live_schema": "live_trading_dev"}),)


def judge(state: State) -> Iterator[Hit]:
    schema = state.environment.database.live_schema
    if schema is not None:
        yield Hit(
            ("database", "live_schema"), f"tier `dev` has no live records, but `{schema}` would hold some"
        )
