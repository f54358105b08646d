"""A machine would hand its credentials to any process, or keep its disk in clear.

Instance metadata version 1 answers a forged request of a web server.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, Resources
from policies.planned import MACHINE, name, of, plan, says, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF118",
    slug="machine_not_sealed",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="machine that is not sealed",
    fix="require metadata tokens and encrypt the disk",
    reads=(
        "resources.aws:ec2/instance:Instance.metadataOptions",
        "resources.aws:ec2/instance:Instance.rootBlockDevice",
    ),
    source="seed 002, paper 05 6 VPS",
)
VALID = (
    Sample(
        says="sealed",
        resources=(
            plan(
                MACHINE,
                {"metadataOptions": {"httpTokens": "required"}, "rootBlockDevice": {"encrypted": True}},
            ),
        ),
    ),
)
INVALID = (
    Sample(
        says="version 1",
        resources=(
            plan(
                MACHINE,
                {"metadataOptions": {"httpTokens": "optional"}, "rootBlockDevice": {"encrypted": True}},
            ),
        ),
    ),
    Sample(says="disk in clear", resources=(plan(MACHINE, {"metadataOptions": {"httpTokens": "required"}}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, MACHINE):
        tokens = value(one, "metadataOptions", "httpTokens")
        if tokens != "required":
            yield Hit(
                urn_path(one, "metadataOptions"),
                f"{name(one)}: metadata must ask for a token, `httpTokens` is {says(tokens)}",
            )
        encrypted = value(one, "rootBlockDevice", "encrypted")
        if encrypted is not True:
            yield Hit(
                urn_path(one, "rootBlockDevice"),
                f"{name(one)}: its disk must be encrypted, it is {says(encrypted)}",
            )
