"""Production's stores would stand in one zone only.

A zone that fails takes the flags, the kills and the ledger with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, Resources
from policies.planned import CACHE, DATABASE, at_least, must_be, needs, of, plan
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF108",
    slug="one_zone_in_production",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="stores in a single zone",
    fix="spread them over zones with automatic failover",
    reads=(
        "resources.aws:rds/instance:Instance.multiAz",
        "resources.aws:elasticache/replicationGroup:ReplicationGroup.multiAzEnabled",
    ),
    source="paper 02 5 Infrastructure",
    tiers=("production",),
)
VALID = (
    Sample(
        says="spread",
        resources=(
            plan(DATABASE, {"multiAz": True}),
            plan(CACHE, {"multiAzEnabled": True, "automaticFailoverEnabled": True, "numCacheClusters": 3}),
        ),
    ),
)
INVALID = (
    Sample(says="one zone", resources=(plan(DATABASE, {"multiAz": False}),)),
    Sample(
        says="no failover",
        resources=(plan(CACHE, {"multiAzEnabled": True, "automaticFailoverEnabled": False}),),
    ),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, DATABASE):
        yield from must_be(
            one, "multiAz", True, "a second zone must hold a copy", ("infrastructure", "database", "multi_az")
        )
    for one in of(graph, CACHE):
        yield from must_be(one, "multiAzEnabled", True, "a second zone must hold a copy")
        place = ("infrastructure", "cache", "nodes")
        yield from needs(one, ("numCacheClusters",), at_least(2), "a second node must hold a copy", place)
        yield from must_be(one, "automaticFailoverEnabled", True, "the copy must take over by itself")
