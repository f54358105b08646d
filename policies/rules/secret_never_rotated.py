"""A secret would have no rotation, or one later than every 90 days.

A leaked password that is never changed is a permanent one.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import UNKNOWN, Hit, Resources
from policies.planned import (
    KEY,
    ROTATION,
    SECRET,
    at_most,
    must_be,
    name,
    needs,
    of,
    plan,
    says,
    urn_path,
    value,
)
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF113",
    slug="secret_never_rotated",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="secret that is not rotated",
    fix="add a rotation of at most 90 days",
    reads=(
        "resources.aws:secretsmanager/secret:Secret.name",
        "resources.aws:kms/key:Key.enableKeyRotation",
        "resources.aws:secretsmanager/secretRotation:SecretRotation.rotationRules",
    ),
    source="seed 001, paper 02 5 Infrastructure",
)
WHOLE_GRAPH = True
VALID = (
    Sample(
        says="rotated",
        resources=(
            plan(SECRET, {"name": "x"}),
            plan(KEY, {"enableKeyRotation": True, "rotationPeriodInDays": 90}),
            plan(ROTATION, {"rotationRules": {"automaticallyAfterDays": 90}}, called="sample-rotation"),
        ),
    ),
)
INVALID = (
    Sample(says="a key once a year", resources=(plan(KEY, {"enableKeyRotation": True}),)),
    Sample(says="a key for ever", resources=(plan(KEY, {"enableKeyRotation": False}),)),
    Sample(says="never", resources=(plan(SECRET, {"name": "x"}),)),
    Sample(
        says="once a year", resources=(plan(ROTATION, {"rotationRules": {"automaticallyAfterDays": 365}}),)
    ),
    Sample(says="not known", resources=(plan(ROTATION, {"rotationRules": UNKNOWN}),)),
)


MOST_DAYS = 90


def judge(graph: Resources) -> Iterator[Hit]:
    rotations = list(of(graph, ROTATION))
    for one in rotations:
        days = value(one, "rotationRules", "automaticallyAfterDays")
        if not at_most(MOST_DAYS)(days):
            yield Hit(
                urn_path(one, "rotationRules"), f"{name(one)}: at most {MOST_DAYS} days, not {says(days)}"
            )
    turned = {name(one) for one in rotations}
    for one in of(graph, SECRET):
        if f"{name(one)}-rotation" not in turned:
            yield Hit(urn_path(one), f"{name(one)}: nothing rotates this secret")
    for one in of(graph, KEY):
        yield from must_be(one, "enableKeyRotation", True, "a key must rotate by itself")
        often = f"a key is renewed every {MOST_DAYS} days"
        yield from needs(one, ("rotationPeriodInDays",), at_most(MOST_DAYS), often)
