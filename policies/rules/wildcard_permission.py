"""A role or policy would allow whatever action, or an action on whatever resource without a condition.

A permission nobody can read cannot be reviewed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from config.findings import Severity
from policies.aws_actions import NO_RESOURCE
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


def _policy(action: str, resource: str, **more: object) -> dict[str, str]:
    statement = {"Effect": "Allow", "Action": [action], "Resource": [resource], **more}
    return {"policy": json.dumps({"Statement": [statement]})}


TAGGED = {"Condition": {"StringEquals": {"aws:ResourceTag/environment": "production"}}}
KEYS = "arn:aws:kms:us-east-1:111111111111:key/*"
STATE = "arn:aws:s3:::state-1/*"
VALID = (
    Sample(says="named", resources=(plan(POLICIES[1], _policy("s3:GetObject", STATE)),)),
    Sample(
        says="told apart by a tag", resources=(plan(POLICIES[0], _policy("kms:DescribeKey", KEYS, **TAGGED)),)
    ),
    Sample(
        says="AWS knows no resource",
        resources=(plan(POLICIES[0], _policy("ec2:DescribeVpcs", "*", **TAGGED)),),
    ),
)
INVALID = (
    Sample(says="every action", resources=(plan(POLICIES[1], _policy("s3:*", STATE)),)),
    Sample(says="half a wildcard", resources=(plan(POLICIES[0], _policy("s3:Get*", STATE)),)),
    Sample(says="every resource", resources=(plan(POLICIES[0], _policy("s3:GetObject", "*")),)),
    Sample(says="every key", resources=(plan(POLICIES[0], _policy("kms:Decrypt", KEYS)),)),
    Sample(
        says="every database, though by condition",
        resources=(plan(POLICIES[0], _policy("rds:DeleteDBInstance", "*", **TAGGED)),),
    ),
    Sample(
        says="any account",
        resources=(plan(POLICIES[0], _policy("rds:ModifyDBInstance", "arn:aws:rds:*:*:db:*")),),
    ),
    Sample(
        says="a role for anything",
        resources=(plan(POLICIES[0], _policy("iam:PassRole", "arn:aws:iam::111111111111:role/x")),),
    ),
    Sample(says="all but", resources=(plan(POLICIES[0], _policy("s3:GetObject", STATE, NotAction=["a:B"])),)),
    Sample(says="not known", resources=(plan(POLICIES[0], {"policy": UNKNOWN}),)),
)


ARN = re.compile(
    r"arn:aws:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12}|aws)?:(?P<resource>.+)"
)
NO_ACCOUNT = re.compile(r"arn:aws:(s3:::[a-z0-9][a-z0-9.-]{2,}(/.*)?|ec2:[a-z0-9-]+::image/.+)")
ALL_OF_A_KIND = re.compile(r"\*|[a-z-]+[/:]\*")
"""Resources whose ids AWS chooses: told apart by a condition, or not at all."""


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, *POLICIES):
        found = document(one, "policy")
        if not isinstance(found, dict) or not items(found.get("Statement", MISSING)):
            yield Hit(urn_path(one, "policy"), f"{name(one)}: its permissions are {says(UNKNOWN)}")
            continue
        for statement in items(found["Statement"]):
            if statement.get("Effect") != "Deny":
                for reason in _reasons(statement):
                    yield Hit(urn_path(one, "policy"), f"{name(one)}: {reason}")


def _reasons(statement: dict[str, Any]) -> Iterator[str]:
    actions, conditions = items(statement.get("Action", "*")), statement.get("Condition")
    for action in actions:
        if "*" in str(action) or "?" in str(action):
            yield f"allows the wildcard action `{action}`"
    if "NotAction" in statement or "NotResource" in statement:
        yield "allows all but a list"
    if "iam:PassRole" in actions and not _bounds_the_service(conditions):
        yield "hands its roles to any service"
    for resource in items(statement.get("Resource", "*")):
        if resource == "*":
            named = [action for action in actions if action not in NO_RESOURCE]
            if named:
                yield f"allows `{named[0]}` on every resource, though AWS can name one"
            elif not conditions:
                yield "allows actions on every resource without a condition"
        else:
            yield from _of_arn(str(resource), conditions)


def _bounds_the_service(conditions: Any) -> bool:
    exact = (conditions or {}).get("StringEquals") or {}
    return bool({"iam:PassedToService", "aws:RequestedRegion"} & set(exact))


def _of_arn(resource: str, conditions: Any) -> Iterator[str]:
    found = ARN.fullmatch(resource)
    if not NO_ACCOUNT.fullmatch(resource) and (found is None or found["account"] is None):
        yield f"allows `{resource}`, which names no account"
    elif found is not None and ALL_OF_A_KIND.fullmatch(found["resource"]) and not conditions:
        yield f"allows all of a kind, `{resource}`, without a condition"
