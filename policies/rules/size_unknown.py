"""A server is given a size that AWS does not sell: a typing slip, found only when the server is made.

The engine would have changed half of the environment by then.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.aws_sizes import CACHE, DATABASE, MACHINE, nearest
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF017",
    slug="size_unknown",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="size that does not exist",
    fix="name a size of policies/aws_sizes.py; one that is newer than that table is added there first",
    reads=(
        "infrastructure.database.instance_class",
        "infrastructure.cache.node_type",
        "infrastructure.host.instance_type",
    ),
    source="issue 5 (unknown instance class), cfn-lint 1.58.0 (sizes by AWS's price lists)",
)
VALID = (
    Sample(says="another family", edits={"infrastructure.database.instance_class": "db.r8g.48xlarge"}),
    Sample(says="the smallest node", edits={"infrastructure.cache.node_type": "cache.t4g.micro"}),
    Sample(says="no machine", edits={"infrastructure.host.instance_type": None}),
)
INVALID = (
    Sample(says="a slip", edits={"infrastructure.database.instance_class": "db.m7g.lagre"}),
    Sample(
        says="a size of another family", edits={"infrastructure.database.instance_class": "db.m7g.48xlarge"}
    ),
    Sample(says="a database's size for a node", edits={"infrastructure.cache.node_type": "db.m7g.large"}),
    Sample(says="a machine that never was", edits={"infrastructure.host.instance_type": "t9z.huge"}),
)


_SIZES = (
    (("database", "instance_class"), DATABASE),
    (("cache", "node_type"), CACHE),
    (("host", "instance_type"), MACHINE),
)


def judge(state: State) -> Iterator[Hit]:
    for (section, key), known in _SIZES:
        size = getattr(getattr(state.environment.infrastructure, section), key)
        if size is None or size in known:
            continue
        path, message = ("infrastructure", section, key), f"there is no size `{size}` for a {section}"
        yield Hit(path, message, _way_out(size, known) if state.focus is None else "")


def _way_out(size: str, known: frozenset[str]) -> str:
    """What was meant, perhaps; nobody reads it of a mutant, so nobody looks for it there."""
    like = nearest(size, known)
    return f"did you mean `{like}`?" if like else ""
