"""A role or policy would allow whatever action, or an action on whatever resource without a condition.

A permission nobody can read cannot be reviewed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resources
from policies.planned import POLICIES, document, items, name, of, plan, says, urn_path
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF110",
    slug="wildcard_permission",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="permission with a wildcard",
    fix="name the actions; name the resources or add a condition",
    reads=("resources.aws:iam/policy:Policy.policy", "resources.aws:iam/rolePolicy:RolePolicy.policy"),
    source="paper 02 5 Infrastructure",
)
VALID = (
    Sample(
        says="named",
        resources=(
            plan(
                POLICIES[1],
                {
                    "policy": '{"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:x"]}]}'
                },
            ),
        ),
    ),
)
INVALID = (
    Sample(
        says="every action",
        resources=(
            plan(
                POLICIES[1],
                {"policy": '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:x"]}]}'},
            ),
        ),
    ),
    Sample(
        says="every resource",
        resources=(
            plan(
                POLICIES[0],
                {"policy": '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}'},
            ),
        ),
    ),
    Sample(
        says="all but",
        resources=(
            plan(
                POLICIES[0],
                {
                    "policy": '{"Statement": [{"Effect": "Allow", "NotAction": ["a:B"], "Resource": ["arn:x"]}]}'
                },
            ),
        ),
    ),
    Sample(says="not known", resources=(plan(POLICIES[0], {"policy": UNKNOWN}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, *POLICIES):
        found = document(one, "policy")
        if not isinstance(found, dict):
            yield Hit(urn_path(one, "policy"), f"{name(one)}: its permissions are {says(UNKNOWN)}")
            continue
        for statement in items(found.get("Statement", MISSING)):
            if statement.get("Effect") == "Allow":
                for reason in _reasons(statement):
                    yield Hit(urn_path(one, "policy"), f"{name(one)}: {reason}")


def _reasons(statement: dict[str, Any]) -> Iterator[str]:
    for action in items(statement.get("Action", "*")):
        if action == "*" or action.endswith(":*"):
            yield f"allows the wildcard action `{action}`"
    if "NotAction" in statement or "NotResource" in statement:
        yield "allows all but a list"
    if "*" in items(statement.get("Resource", "*")) and not statement.get("Condition"):
        yield "allows actions on every resource without a condition"
