"""A key, topic or other resource would let in anybody, any action, or a service acting for another account.

A policy on the resource is a second door beside the roles: what no role may do, it may allow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resources
from policies.planned import (
    KEY,
    POLICIES,
    TOPIC_POLICY,
    document,
    items,
    name,
    plan,
    says,
    urn_path,
    value,
)
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF126",
    slug="resource_policy_too_wide",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="resource that lets in too many",
    fix="name principals and actions; bind services to this account by a condition",
    reads=("resources.*.policy", "resources.aws:kms/key:Key.policy", "resources.aws:sns/topicPolicy:TopicPolicy"),
    source="paper 05 6 (SNS with its own key policy), AWS: cross-service confused deputy prevention",
)  # fmt: skip


def _policy(**changes: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["sns:Publish"],
        "Resource": "arn:t",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}},
    }
    kept = {key: part for key, part in {**statement, **changes}.items() if part is not None}
    return json.dumps({"Statement": [kept]})


OWN = {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Condition": None}
OTHER = {"Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Condition": None}
VALID = (
    Sample(says="one service, for us", resources=(plan(TOPIC_POLICY, {"policy": _policy()}),)),
    Sample(says="our own account", resources=(plan(KEY, {"policy": _policy(**OWN)}),)),
)
INVALID = (
    Sample(says="for anybody's account", resources=(plan(TOPIC_POLICY, {"policy": _policy(Condition=None)}),)),
    Sample(says="everybody", resources=(plan(TOPIC_POLICY, {"policy": _policy(Principal="*")}),)),
    Sample(says="everything", resources=(plan(KEY, {"policy": _policy(Action="kms:*")}),)),
    Sample(says="another account", resources=(plan(KEY, {"policy": _policy(**OTHER)}),)),
    Sample(says="a key without", resources=(plan(KEY, {}),)),
    Sample(says="not known", resources=(plan(KEY, {"policy": UNKNOWN}),)),
)  # fmt: skip


BINDS = ("aws:SourceAccount", "kms:CallerAccount", "aws:SourceArn", "aws:PrincipalAccount")


def judge(graph: Resources) -> Iterator[Hit]:
    account = graph.state.environment.infrastructure.account_id
    for one in graph.planned:
        is_a_door = one.type.startswith("aws:") and one.type not in POLICIES and one.op != "delete"
        if not is_a_door or (value(one, "policy") is MISSING and one.type not in (KEY, TOPIC_POLICY)):
            continue
        found = document(one, "policy")
        if not isinstance(found, Mapping) or not items(found.get("Statement", MISSING)):
            yield Hit(urn_path(one, "policy"), f"{name(one)}: whom it lets in is {says(found)}")
            continue
        for statement in items(found["Statement"]):
            if statement.get("Effect") != "Deny":
                for reason in _reasons(statement, account):
                    yield Hit(urn_path(one, "policy"), f"{name(one)}: {reason}")


def _reasons(statement: Mapping[str, Any], account: str) -> Iterator[str]:
    if statement.keys() & {"NotPrincipal", "NotAction", "NotResource"}:
        yield "it lets in all but a list"
    for action in items(statement.get("Action", "*")):
        if "*" in str(action):
            yield f"it allows the wildcard action `{action}`"
    principal = statement.get("Principal", "*")
    named = principal if isinstance(principal, Mapping) else {"AWS": principal}
    for who in items(named.get("AWS", MISSING)):
        if f"::{account}:" not in str(who) and who != account:
            yield f"it lets in `{who}`, who is not of this account"
    conditions = statement.get("Condition") or {}
    bound = [
        part
        for kind in ("StringEquals", "ArnLike", "ArnEquals", "StringLike")
        for key, part in (conditions.get(kind) or {}).items()
        if key in BINDS
    ]
    if "Service" in named and not any(account in str(part) or "arn:" in str(part) for part in bound):
        yield "it lets in a service on behalf of any account"
    if named.keys() - {"AWS", "Service"}:
        yield "it lets in principals of another kind"
