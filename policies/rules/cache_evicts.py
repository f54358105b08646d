"""The cache would throw keys away to make room.

An evicted kill is a kill that never was.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import UNKNOWN, Hit, Resources
from policies.planned import CACHE_PARAMETERS, items, name, of, plan, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF120",
    slug="cache_evicts",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="cache that evicts",
    fix="set maxmemory-policy to noeviction",
    reads=("resources.aws:elasticache/parameterGroup:ParameterGroup.parameters",),
    source="issue 5, paper 03 4.5",
)
VALID = (
    Sample(
        says="never",
        resources=(
            plan(CACHE_PARAMETERS, {"parameters": [{"name": "maxmemory-policy", "value": "noeviction"}]}),
        ),
    ),
)
INVALID = (
    Sample(
        says="least recently used",
        resources=(
            plan(CACHE_PARAMETERS, {"parameters": [{"name": "maxmemory-policy", "value": "allkeys-lru"}]}),
        ),
    ),
    Sample(says="the default", resources=(plan(CACHE_PARAMETERS, {}),)),
    Sample(says="not known", resources=(plan(CACHE_PARAMETERS, {"parameters": UNKNOWN}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, CACHE_PARAMETERS):
        given = {
            pair.get("name"): pair.get("value")
            for pair in items(value(one, "parameters"))
            if isinstance(pair, dict)
        }
        if given.get("maxmemory-policy") != "noeviction":
            yield Hit(urn_path(one, "parameters"), f"{name(one)}: `maxmemory-policy` must be `noeviction`")
