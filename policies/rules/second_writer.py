"""More than one engine would be kept running for one account.

An account has one writer; its lease holds that, and the scheduler must not fight it.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Hit, Resource, Resources
from policies.planned import SERVICE, at_most, name, needs, of, plan, says, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF121",
    slug="second_writer",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="a second writer",
    fix="keep desiredCount at one",
    reads=(
        "resources.aws:ecs/service:Service.desiredCount",
        "resources.aws:ecs/service:Service.deploymentMaximumPercent",
    ),
    source="paper 05 6 ECS",
)
ONE = {
    "desiredCount": 1,
    "deploymentMaximumPercent": 100,
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
}
BOTH_COLOURS = {"deploymentMaximumPercent": 200, "deploymentConfiguration": {"strategy": "BLUE_GREEN"}}
VALID = (
    Sample(says="one", resources=(plan(SERVICE, ONE),)),
    Sample(says="none for now", resources=(plan(SERVICE, {**ONE, "desiredCount": 0}),)),
    Sample(says="blue and green", resources=(plan(SERVICE, {**ONE, **BOTH_COLOURS}),)),
)
INVALID = (
    Sample(says="a shell inside", resources=(plan(SERVICE, {**ONE, "enableExecuteCommand": True}),)),
    Sample(says="three", resources=(plan(SERVICE, {**ONE, "desiredCount": 3}),)),
    Sample(
        says="two while it is released", resources=(plan(SERVICE, {**ONE, "deploymentMaximumPercent": 200}),)
    ),
    Sample(
        says="no way back", resources=(plan(SERVICE, {"desiredCount": 1, "deploymentMaximumPercent": 100}),)
    ),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, SERVICE):
        count = value(one, "desiredCount")
        if not at_most(1, 0)(count):
            yield Hit(
                ("service", "replicas"), f"{name(one)}: one engine at most; `desiredCount` is {says(count)}"
            )
        yield from _overlap(one)
        yield from _breaker(one)


def _overlap(one: Resource) -> Iterator[Hit]:
    """Only blue/green may have two, each behind its own colour; the lease keeps one of both from writing."""
    strategy = value(one, "deploymentConfiguration", "strategy")
    place = ("infrastructure", "host", "deployment")
    if strategy not in (MISSING, "ROLLING", "BLUE_GREEN"):
        yield Hit(place, f"{name(one)}: releases are rolled or blue/green, not {says(strategy)}")
    most = 200 if strategy == "BLUE_GREEN" else 100
    keys = ("deploymentMaximumPercent",)
    yield from needs(one, keys, at_most(most), "the old engine must stop before the new one starts", place)


def _breaker(one: Resource) -> Iterator[Hit]:
    if any(value(one, "deploymentCircuitBreaker", key) is not True for key in ("enable", "rollback")):
        yield Hit(urn_path(one, "deploymentCircuitBreaker"), f"{name(one)}: a failing release must roll back")
    if value(one, "enableExecuteCommand") not in (MISSING, False):
        yield Hit(
            urn_path(one, "enableExecuteCommand"), f"{name(one)}: nobody types commands into a running engine"
        )
