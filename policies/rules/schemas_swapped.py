"""The schemas of paper and live records are the same, or each carries the other's name.

Paper trades read as live ones, or the reverse, is what the seed calls mode confusion and lists as a disaster.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN008",
    slug="schemas_swapped",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="paper and live schemas mixed up",
    fix="give paper and live records a schema of their own each, named after what it holds",
    reads=("database.paper_schema", "database.live_schema"),
    source="seed 000 1.1 and 5.1 (paper isolation), 7.1 (mode confusion)",
)
VALID = (Sample(says="two schemas"),)
INVALID = (
    Sample(
        says="swapped",
        edits={
            "database.paper_schema": "live_trading_production",
            "database.live_schema": "paper_trading_production",
        },
    ),
    Sample(says="one for both", edits={"database.live_schema": "paper_trading_production"}),
)


def judge(state: State) -> Iterator[Hit]:
    database = state.environment.database
    paper, live = database.paper_schema, database.live_schema
    if "live" in paper:
        yield Hit(("database", "paper_schema"), f"`{paper}` would hold paper records but is named live")
    if live is not None and "paper" in live:
        yield Hit(("database", "live_schema"), f"`{live}` would hold live records but is named paper")
    if paper == live:
        other = (Also(("database", "paper_schema"), "the paper schema"),)
        yield Hit(
            ("database", "live_schema"), f"paper and live records share the schema `{paper}`", related=other
        )
    if "paper" not in paper:
        yield Hit(("database", "paper_schema"), f"`{paper}` does not say that it holds paper records")
    if live is not None and "live" not in live:
        yield Hit(("database", "live_schema"), f"`{live}` does not say that it holds live records")
