"""A server would be put where AWS puts what is told no place: the default network, group or parameters.

The default group lets its members reach one another, the default network has public addresses, and the default
parameters neither force TLS nor forbid eviction.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resources
from policies.planned import (
    BALANCER,
    CACHE,
    DATABASE,
    DEFAULT_GROUP,
    ENDPOINT,
    MACHINE,
    MOUNT,
    SERVICE,
    given,
    name,
    needs,
    of,
    plan,
    urn_path,
    value,
)
from policies.rule import Meta, Sample, Scope

NAMED: dict[str, tuple[tuple[str, ...], ...]] = {
    DATABASE: (("dbSubnetGroupName",), ("parameterGroupName",), ("vpcSecurityGroupIds",)),
    CACHE: (("subnetGroupName",), ("parameterGroupName",), ("securityGroupIds",)),
    MACHINE: (("subnetId",), ("vpcSecurityGroupIds",)),
    SERVICE: (("networkConfiguration", "subnets"), ("networkConfiguration", "securityGroups")),
    BALANCER: (("subnets",), ("securityGroups",)),
    MOUNT: (("subnetId",), ("securityGroups",)),
}
META = Meta(
    id="INF124",
    slug="server_in_the_default",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="server in the default network",
    fix="name the subnets, security groups and parameters of this program",
    reads=(
        *(f"resources.{type_}.{keys[0][0]}" for type_, keys in NAMED.items()),
        "resources.aws:ec2/defaultSecurityGroup:DefaultSecurityGroup.ingress",
        "resources.aws:ec2/vpcEndpoint:VpcEndpoint.securityGroupIds",
    ),
    source="issue 5 (network), RDS, ElastiCache and EC2 user guides (defaults)",
)
PLACED = {"dbSubnetGroupName": UNKNOWN, "parameterGroupName": "p", "vpcSecurityGroupIds": [UNKNOWN]}
VALID = (
    Sample(
        says="a cache in its place",
        resources=(
            plan(CACHE, {"subnetGroupName": "s", "parameterGroupName": "p", "securityGroupIds": [UNKNOWN]}),
        ),
    ),
    Sample(says="placed", resources=(plan(DATABASE, PLACED), plan(DEFAULT_GROUP, {"vpcId": "v"}))),
    Sample(says="a gateway needs no group", resources=(plan(ENDPOINT, {"vpcEndpointType": "Gateway"}),)),
)
INVALID = (
    Sample(says="no group", resources=(plan(DATABASE, {**PLACED, "vpcSecurityGroupIds": []}),)),
    Sample(says="default parameters", resources=(plan(CACHE, {"subnetGroupName": "s"}),)),
    Sample(says="a default that is used", resources=(plan(DEFAULT_GROUP, {"ingress": [{"self": True}]}),)),
    Sample(says="an open endpoint", resources=(plan(ENDPOINT, {"vpcEndpointType": "Interface"}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for type_, named in NAMED.items():
        for one in of(graph, type_):
            for keys in named:
                yield from needs(one, keys, given, "AWS would take its default")
    for one in of(graph, ENDPOINT):
        if value(one, "vpcEndpointType") != "Gateway":
            yield from needs(one, ("securityGroupIds",), given, "AWS would take its default")
    for one in of(graph, DEFAULT_GROUP):
        for key in ("ingress", "egress"):
            if value(one, key) not in (MISSING, []):
                yield Hit(urn_path(one, key), f"{name(one)}: the default group must let nothing pass")
