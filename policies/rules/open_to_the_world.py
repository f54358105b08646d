"""A port other than 443 would be open to every address there is.

Signals come over TLS to the load balancer; everything else comes from inside.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resources
from policies.planned import GROUP, INGRESS, name, of, plan, says, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF104",
    slug="open_to_the_world",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="port open to the world",
    fix="name the security group that may connect",
    reads=(
        "resources.aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule.cidrIpv4",
        "resources.aws:ec2/securityGroup:SecurityGroup.ingress",
    ),
    source="paper 02 5 Infrastructure",
)
VALID = (
    Sample(
        says="443 for all, 5432 for a group",
        resources=(
            plan(INGRESS, {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}),
            plan(
                INGRESS,
                {"referencedSecurityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432},
            ),
        ),
    ),
)
INVALID = (
    Sample(
        says="a database port",
        resources=(
            plan(INGRESS, {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432}),
        ),
    ),
    Sample(says="all ports", resources=(plan(INGRESS, {"cidrIpv6": "::/0", "ipProtocol": "-1"}),)),
    Sample(says="rules inside", resources=(plan(GROUP, {"ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]}),)),
)


WORLD = ("0.0.0.0/0", "::/0")


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, INGRESS):
        source = [value(one, key) for key in ("cidrIpv4", "cidrIpv6")]
        is_tls = (value(one, "ipProtocol"), value(one, "fromPort"), value(one, "toPort")) == ("tcp", 443, 443)
        if UNKNOWN in source or (any(block in WORLD for block in source) and not is_tls):
            port = says(value(one, "fromPort"))
            yield Hit(urn_path(one, "cidrIpv4"), f"{name(one)}: port {port} would be open to the world")
    for one in of(graph, GROUP):
        for key in ("ingress", "egress"):
            if value(one, key) not in (MISSING, UNKNOWN, []):
                yield Hit(urn_path(one, key), f"{name(one)}: rules inside a group undo the ones beside it")
