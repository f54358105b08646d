"""The database server is open, unencrypted, or too easy to lose for its tier."""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF009",
    slug="store_unprotected",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="store unprotected",
    fix="encrypt it, give it no public address; outside dev protect it from deletion, in production keep a second zone",
    reads=("infrastructure.database",),
    source="paper 02 5 (encryption at rest, no public database, deletion protection, multi-AZ in production)",
)
VALID = (
    Sample(says="protected"),
    Sample(says="dev may be deleted", tier="dev"),
)
INVALID = (
    Sample(says="public in dev", tier="dev", edits={"infrastructure.database.publicly_accessible": True}),
    Sample(says="one zone in production", edits={"infrastructure.database.multi_az": False}),
)


_ALWAYS = (("encrypted", True), ("publicly_accessible", False))
_BY_TIER = {
    "dev": (),
    "staging": (("deletion_protection", True),),
    "production": (("deletion_protection", True), ("multi_az", True)),
}


def judge(state: State) -> Iterator[Hit]:
    server = state.environment.infrastructure.database
    for key, wanted in (*_ALWAYS, *_BY_TIER[state.tier]):
        if getattr(server, key) is not wanted:
            value = str(not wanted).lower()
            yield Hit(("infrastructure", "database", key), f"`{key}` is {value} in tier `{state.tier}`")
