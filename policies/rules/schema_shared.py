"""Two environments write into a schema of the same name.

The name is the last thing that tells a production record from a staging one once a host or a dump is mixed up.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN009",
    slug="schema_shared",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="schema shared between environments",
    fix="give each environment schemas of its own",
    reads=("database.paper_schema", "database.live_schema"),
    source="seed 000 1.1 (each environment has its own schemas), 02 5",
)
VALID = (Sample(says="schemas of their own", others={"staging": {}}),)
INVALID = (
    Sample(
        says="staging writes into production's schema",
        others={"staging": {"database.paper_schema": "paper_trading_production"}},
    ),
)

_PARTS = ("paper_schema", "live_schema")


def judge(fleet: Fleet) -> Iterator[Hit]:
    seen: dict[object, tuple[str, str]] = {}
    both = (fleet.each(("database", part)) for part in _PARTS)
    for pairs in zip(*both, strict=True):
        for part, (name, schema) in zip(_PARTS, pairs, strict=True):
            if schema is None:
                continue
            if schema in seen and seen[schema][0] != name:
                where, other = seen[schema]
                yield Hit(
                    ("database", part),
                    f"`{name}` and `{where}` would both write into the schema `{schema}`",
                    environment=name,
                    related=(Also(("database", other), f"used in {where}", where),),
                )
            seen.setdefault(schema, (name, part))
