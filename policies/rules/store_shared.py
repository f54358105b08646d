"""Two environments use the same database or the same Redis.

A restore, a full disk or a stalled server of one would stop the other; a kill meant for one could reach both.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF003",
    slug="store_shared",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="store shared between environments",
    fix="give each environment a database and a Redis of its own",
    reads=("database.host", "database.port", "database.name", "redis.host", "redis.port"),
    source="seed 001 (a database host per environment), paper 06 (stores)",
)
VALID = (Sample(says="stores of their own", others={"staging": {}}),)
INVALID = (
    Sample(says="one Redis for two", others={"staging": {"redis.host": "cache.production.example.com"}}),
)

_DATABASE = tuple(("database", key) for key in ("host", "port", "name"))
_REDIS = tuple(("redis", key) for key in ("host", "port"))


def judge(fleet: Fleet) -> Iterator[Hit]:
    seen: dict[tuple[object, ...], str] = {}
    for found in zip(*map(fleet.each, (*_DATABASE, *_REDIS)), strict=True):
        name, place_of = found[0][0], [value for _, value in found]
        for part, place in (("database", place_of[:3]), ("redis", place_of[3:])):
            where = ":".join(map(str, place))
            if (part, *place) in seen:
                other = seen[part, *place]
                also = (Also((part, "host"), f"also in {other}", other),)
                message = f"`{name}` and `{other}` share the {part} {where}"
                yield Hit((part, "host"), message, environment=name, related=also)
            seen.setdefault((part, *place), name)
