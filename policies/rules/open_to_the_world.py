"""A port other than 443 would be open to every address there is.

Signals come over TLS to the load balancer; everything else comes from inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resource, Resources
from policies.planned import EGRESS, GROUP, INGRESS, OLD_RULE, name, of, plan, says, urn_path, value
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
        "resources.aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule.cidrIpv4",
        "resources.aws:ec2/securityGroup:SecurityGroup.ingress",
        "resources.aws:ec2/securityGroupRule:SecurityGroupRule",
    ),
    source="paper 02 5 Infrastructure",
)
VALID = (
    Sample(
        says="a group whose rules stand beside it", resources=(plan(GROUP, {"vpcId": "v", "ingress": []}),)
    ),
    Sample(
        says="443 for all, 5432 for a group",
        resources=(
            plan(INGRESS, {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}),
            plan(
                INGRESS,
                {"referencedSecurityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432},
            ),
            plan(
                INGRESS, {"cidrIpv4": "10.20.0.0/16", "ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432}
            ),
            plan(EGRESS, {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}),
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
    Sample(
        says="half of the world",
        resources=(
            plan(INGRESS, {"cidrIpv4": "0.0.0.0/1", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}),
        ),
    ),
    Sample(
        says="a way out for everything",
        resources=(plan(EGRESS, {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"}),),
    ),
    Sample(
        says="a range",
        resources=(
            plan(INGRESS, {"cidrIpv4": "10.0.0.0/8", "ipProtocol": "tcp", "fromPort": 1, "toPort": 65535}),
        ),
    ),
    Sample(says="the old type", resources=(plan(OLD_RULE, {"cidrBlocks": ["0.0.0.0/0"]}),)),
    Sample(says="all ports", resources=(plan(INGRESS, {"cidrIpv6": "::/0", "ipProtocol": "-1"}),)),
    Sample(says="rules inside", resources=(plan(GROUP, {"ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]}),)),
)


WORLD = ("0.0.0.0/0", "::/0")
PRIVATE = re.compile(
    r"(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.).*"
)
LEAST_BITS = 8
TLS = ("tcp", 443, 443)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, INGRESS, EGRESS):
        way = tuple(value(one, key) for key in ("ipProtocol", "fromPort", "toPort"))
        outside = _outside(one)
        if outside and not (way == TLS and set(outside) <= set(WORLD)):
            port, whom = (
                says(value(one, "fromPort")),
                "the world" if set(outside) <= set(WORLD) else "strangers",
            )
            yield Hit(urn_path(one, "cidrIpv4"), f"{name(one)}: port {port} would be open to {whom}")
        elif not isinstance(way[1], int | float) or way[1] != way[2] or way[0] not in ("tcp", "udp"):
            ports = f"{says(way[1])} to {says(way[2])}"
            yield Hit(
                urn_path(one, "fromPort"), f"{name(one)}: one port a rule, not {ports} of {says(way[0])}"
            )
    for one in of(graph, OLD_RULE):
        yield Hit(
            urn_path(one), f"{name(one)}: rules of this old type are not judged; use one resource per rule"
        )
    for one in of(graph, GROUP):
        for key in ("ingress", "egress"):
            if value(one, key) not in (MISSING, UNKNOWN, []):
                yield Hit(urn_path(one, key), f"{name(one)}: rules inside a group undo the ones beside it")


def _outside(one: Resource) -> list[str]:
    """The sources (or goals) of a rule that are not ours: public addresses, lists, what is not known yet."""
    blocks = [value(one, key) for key in ("cidrIpv4", "cidrIpv6")]
    named = [block for block in blocks if block is not MISSING]
    if value(one, "prefixListId") is not MISSING:
        named.append("a list")
    if not named and value(one, "referencedSecurityGroupId") is MISSING:
        named.append("nobody")
    return [str(block) for block in named if not _is_private(block)]


def _is_private(block: object) -> bool:
    address, _, bits = block.partition("/") if isinstance(block, str) else ("", "", "")
    return bits.isdigit() and int(bits) >= LEAST_BITS and PRIVATE.fullmatch(address) is not None
