"""SSH would be reachable, or a key pair would be put on a machine.

People enter by SSM, which knows who they are and writes down what they do.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resources
from policies.planned import INGRESS, MACHINE, name, of, plan, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF105",
    slug="ssh_reachable",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="ssh from anywhere",
    fix="remove the rule or the key pair; use SSM",
    reads=(
        "resources.aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule.fromPort",
        "resources.aws:ec2/instance:Instance.keyName",
    ),
    source="seed 002, paper 02 5 Infrastructure",
)
VALID = (
    Sample(
        says="no SSH",
        resources=(
            plan(INGRESS, {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}),
            plan(MACHINE, {}),
        ),
    ),
)
INVALID = (
    Sample(says="port 22", resources=(plan(INGRESS, {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22}),)),
    Sample(
        says="a range around it",
        resources=(plan(INGRESS, {"ipProtocol": "tcp", "fromPort": 0, "toPort": 65535}),),
    ),
    Sample(
        says="ports nobody knows yet", resources=(plan(INGRESS, {"ipProtocol": "tcp", "fromPort": UNKNOWN}),)
    ),
    Sample(says="a key pair", resources=(plan(MACHINE, {"keyName": "admin"}),)),
)


SSH = 22


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, INGRESS):
        low, high = value(one, "fromPort"), value(one, "toPort")
        everything = value(one, "ipProtocol") not in ("tcp", "udp", "icmp", "icmpv6")
        known = isinstance(low, int | float) and isinstance(high, int | float)
        if everything or not known or low <= SSH <= high:
            yield Hit(urn_path(one, "fromPort"), f"{name(one)}: SSH would be reachable")
    for one in of(graph, MACHINE):
        if value(one, "keyName") is not MISSING:
            yield Hit(urn_path(one, "keyName"), f"{name(one)}: a key pair would open the machine")
