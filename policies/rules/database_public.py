"""A database or machine would have a public address.

What cannot be reached cannot be guessed, scanned or flooded.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import UNKNOWN, Hit, Resources
from policies.planned import (
    DATABASE,
    MACHINE,
    SERVICE,
    SUBNET,
    must_be,
    name,
    of,
    plan,
    says,
    urn_path,
    value,
)
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
        "resources.aws:ec2/subnet:Subnet.mapPublicIpOnLaunch",
        "resources.aws:ecs/service:Service.networkConfiguration",
    ),
    source="paper 02 5 Infrastructure",
)
VALID = (
    Sample(
        says="a machine, a task and a subnet inside",
        resources=(
            plan(MACHINE, {"associatePublicIpAddress": False}),
            plan(SERVICE, {"networkConfiguration": {"assignPublicIp": False}}),
            plan(SUBNET, {"mapPublicIpOnLaunch": False}),
        ),
    ),
    Sample(says="private", resources=(plan(DATABASE, {"publiclyAccessible": False}),)),
)
INVALID = (
    Sample(says="a subnet that gives addresses", resources=(plan(SUBNET, {"mapPublicIpOnLaunch": True}),)),
    Sample(says="a task with an address", resources=(plan(SERVICE, {"networkConfiguration": UNKNOWN}),)),
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
    for one in of(graph, SUBNET):
        yield from must_be(one, "mapPublicIpOnLaunch", False, "nothing may get a public address by default")
    for one in of(graph, SERVICE):
        given = value(one, "networkConfiguration", "assignPublicIp")
        if given is not False:
            message = f"{name(one)}: its tasks must have no public address; `assignPublicIp` is {says(given)}"
            yield Hit(urn_path(one, "networkConfiguration"), message)
