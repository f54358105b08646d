"""A store would accept connections in clear.

Passwords and kills would be readable and forgeable on the way.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resources
from policies.planned import (
    CACHE,
    DATABASE,
    PARAMETERS,
    TASK,
    given,
    items,
    must_be,
    name,
    needs,
    of,
    one_of,
    plan,
    urn_path,
    value,
)
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
        "resources.aws:rds/instance:Instance.caCertIdentifier",
        "resources.aws:ecs/taskDefinition:TaskDefinition.volumes",
    ),
    source="paper 02 5 Infrastructure",
)
ENCRYPTED = {
    "transitEncryptionEnabled": True,
    "transitEncryptionMode": "required",
    "authTokenWo": UNKNOWN,
}
VALID = (
    Sample(
        says="a disk over TLS, and one of the task's own",
        resources=(
            plan(
                TASK,
                {
                    "volumes": [
                        {"efsVolumeConfiguration": {"transitEncryption": "ENABLED"}},
                        {"name": "scratch"},
                    ]
                },
            ),
        ),
    ),
    Sample(
        says="TLS",
        resources=(
            plan(CACHE, ENCRYPTED),
            plan(DATABASE, {"caCertIdentifier": "rds-ca-rsa4096-g1"}),
            plan(PARAMETERS, {"parameters": [{"name": "rds.force_ssl", "value": "1"}]}),
        ),
    ),
)
INVALID = (
    Sample(says="no password", resources=(plan(CACHE, {**ENCRYPTED, "authTokenWo": MISSING}),)),
    Sample(says="an authority of 2019", resources=(plan(DATABASE, {"caCertIdentifier": "rds-ca-2019"}),)),
    Sample(says="a disk in clear", resources=(plan(TASK, {"volumes": [{"efsVolumeConfiguration": {}}]}),)),
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
SIGNS_IN = ("authTokenWo", "userGroupIds")
AUTHORITIES = ("rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1")


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, CACHE):
        yield from must_be(
            one, "transitEncryptionEnabled", True, "the cache must speak TLS", ("redis", "tls")
        )
        yield from must_be(one, "transitEncryptionMode", "required", "the cache must refuse clear text")
        if not any(given(value(one, key)) for key in SIGNS_IN):
            yield Hit(urn_path(one, "authTokenWo"), f"{name(one)}: whoever reaches the cache would be let in")
    for one in of(graph, DATABASE):
        yield from needs(
            one, ("caCertIdentifier",), one_of(*AUTHORITIES), "its certificate must be a known one"
        )
    for one in of(graph, TASK):
        for volume in items(value(one, "volumes")):
            disk = volume.get("efsVolumeConfiguration") if isinstance(volume, dict) else None
            if isinstance(disk, dict) and disk.get("transitEncryption") != "ENABLED":
                yield Hit(urn_path(one, "volumes"), f"{name(one)}: its disk must be reached over TLS")
    for one in of(graph, PARAMETERS):
        pairs = [
            (pair.get("name"), pair.get("value"))
            for pair in items(value(one, "parameters"))
            if isinstance(pair, dict)
        ]
        if FORCED not in pairs:
            yield Hit(
                urn_path(one, "parameters"),
                f"{name(one)}: the server must force TLS; `rds.force_ssl` is not 1",
            )
