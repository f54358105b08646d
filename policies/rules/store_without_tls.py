"""A store would accept connections in clear.

Passwords and kills would be readable and forgeable on the way.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, Resources
from policies.planned import CACHE, PARAMETERS, items, must_be, name, of, plan, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF103",
    slug="store_without_tls",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="store that speaks in clear",
    fix="require TLS on the server",
    reads=(
        "resources.aws:elasticache/replicationGroup:ReplicationGroup.transitEncryptionEnabled",
        "resources.aws:rds/parameterGroup:ParameterGroup.parameters",
    ),
    source="paper 02 5 Infrastructure",
)
VALID = (
    Sample(
        says="TLS",
        resources=(
            plan(CACHE, {"transitEncryptionEnabled": True, "transitEncryptionMode": "required"}),
            plan(PARAMETERS, {"parameters": [{"name": "rds.force_ssl", "value": "1"}]}),
        ),
    ),
)
INVALID = (
    Sample(
        says="cache in clear",
        resources=(plan(CACHE, {"transitEncryptionEnabled": False, "transitEncryptionMode": "required"}),),
    ),
    Sample(
        says="cache takes both",
        resources=(plan(CACHE, {"transitEncryptionEnabled": True, "transitEncryptionMode": "preferred"}),),
    ),
    Sample(says="server takes both", resources=(plan(PARAMETERS, {"parameters": []}),)),
)


FORCED = ("rds.force_ssl", "1")


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, CACHE):
        yield from must_be(
            one, "transitEncryptionEnabled", True, "the cache must speak TLS", ("redis", "tls")
        )
        yield from must_be(one, "transitEncryptionMode", "required", "the cache must refuse clear text")
    for one in of(graph, PARAMETERS):
        given = [(pair.get("name"), pair.get("value")) for pair in items(value(one, "parameters"))]
        if FORCED not in given:
            yield Hit(
                urn_path(one, "parameters"),
                f"{name(one)}: the server must force TLS; `rds.force_ssl` is not 1",
            )
