"""A database or machine would have a public address.

What cannot be reached cannot be guessed, scanned or flooded.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import UNKNOWN, Hit, Resources
from policies.planned import DATABASE, MACHINE, must_be, of, plan
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF102",
    slug="database_public",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="store with a public address",
    fix="set it to false and reach it through the private network",
    reads=(
        "resources.aws:rds/instance:Instance.publiclyAccessible",
        "resources.aws:ec2/instance:Instance.associatePublicIpAddress",
    ),
    source="paper 02 5 Infrastructure",
)
VALID = (Sample(says="private", resources=(plan(DATABASE, {"publiclyAccessible": False}),)),)
INVALID = (
    Sample(says="public", resources=(plan(DATABASE, {"publiclyAccessible": True}),)),
    Sample(says="nothing is said", resources=(plan(MACHINE, {}),)),
    Sample(says="not known", resources=(plan(DATABASE, {"publiclyAccessible": UNKNOWN}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, DATABASE):
        yield from must_be(
            one,
            "publiclyAccessible",
            False,
            "the database must have no public address",
            ("infrastructure", "database", "publicly_accessible"),
        )
    for one in of(graph, MACHINE):
        yield from must_be(one, "associatePublicIpAddress", False, "the machine must have no public address")
