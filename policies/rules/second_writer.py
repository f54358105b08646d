"""More than one engine would be kept running for one account.

An account has one writer; its lease holds that, and the scheduler must not fight it.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, Resource, Resources
from policies.planned import SERVICE, name, of, plan, says, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF121",
    slug="second_writer",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="a second writer",
    fix="keep desiredCount at one",
    reads=("resources.aws:ecs/service:Service.desiredCount",),
    source="paper 05 6 ECS",
)
VALID = (
    Sample(
        says="one",
        resources=(
            plan(
                SERVICE, {"desiredCount": 1, "deploymentCircuitBreaker": {"enable": True, "rollback": True}}
            ),
        ),
    ),
)
INVALID = (
    Sample(
        says="a shell inside",
        resources=(
            plan(
                SERVICE,
                {
                    "desiredCount": 1,
                    "enableExecuteCommand": True,
                    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
                },
            ),
        ),
    ),
    Sample(
        says="three",
        resources=(
            plan(
                SERVICE, {"desiredCount": 3, "deploymentCircuitBreaker": {"enable": True, "rollback": True}}
            ),
        ),
    ),
    Sample(says="no way back", resources=(plan(SERVICE, {"desiredCount": 1}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, SERVICE):
        count = value(one, "desiredCount")
        if not isinstance(count, int) or count > 1:
            yield Hit(
                ("service", "replicas"), f"{name(one)}: one engine at most; `desiredCount` is {says(count)}"
            )
        yield from _breaker(one)


def _breaker(one: Resource) -> Iterator[Hit]:
    if any(value(one, "deploymentCircuitBreaker", key) is not True for key in ("enable", "rollback")):
        yield Hit(urn_path(one, "deploymentCircuitBreaker"), f"{name(one)}: a failing release must roll back")
    if value(one, "enableExecuteCommand") is True:
        yield Hit(
            urn_path(one, "enableExecuteCommand"), f"{name(one)}: nobody types commands into a running engine"
        )
