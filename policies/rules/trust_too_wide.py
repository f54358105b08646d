"""A role of CI could be taken by a job it was not made for.

One repository name in the subject is the difference between us and everybody on the forge.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resources
from policies.planned import ROLE, document, items, name, of, plan, says, urn_path
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF111",
    slug="trust_too_wide",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="role anybody's job can take",
    fix="trust one repository and one environment by exact subject and audience",
    reads=("resources.aws:iam/role:Role.assumeRolePolicy",),
    source="paper 05 6 CI identity",
)
EXACT = (
    '{"Statement": [{"Effect": "Allow", "Principal": {"Federated": "arn:i"}, "Condition": {"StringEquals":'
    ' {"i:aud": "sts", "i:sub": "repo:o/r:environment:production"}}}]}'
)
EC2 = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com"]}}]}'
SERVICE = (
    '{"Statement": [{"Effect": "Allow", "Principal": {"Service": ["backup.amazonaws.com"]}, "Condition":'
    ' {"StringEquals": {"aws:SourceAccount": "111111111111"}}}]}'
)
VALID = (
    Sample(says="one job", resources=(plan(ROLE, {"assumeRolePolicy": EXACT}),)),
    Sample(says="one service, for us", resources=(plan(ROLE, {"assumeRolePolicy": SERVICE}),)),
    Sample(says="a machine", resources=(plan(ROLE, {"assumeRolePolicy": EC2}),)),
)
INVALID = (
    Sample(
        says="a service for anybody",
        resources=(plan(ROLE, {"assumeRolePolicy": SERVICE.replace("111111111111", "999999999999")}),),
    ),
    Sample(
        says="another account",
        resources=(
            plan(
                ROLE, {"assumeRolePolicy": '{"Statement": [{"Principal": {"AWS": "arn:aws:iam::9:root"}}]}'}
            ),
        ),
    ),
    Sample(
        says="any branch",
        resources=(plan(ROLE, {"assumeRolePolicy": EXACT.replace("environment:production", "*")}),),
    ),
    Sample(says="any audience", resources=(plan(ROLE, {"assumeRolePolicy": EXACT.replace("i:aud", "i:x")}),)),
    Sample(
        says="anybody",
        resources=(
            plan(ROLE, {"assumeRolePolicy": '{"Statement": [{"Effect": "Allow", "Principal": "*"}]}'}),
        ),
    ),
)


ACTIONS = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity")
NO_SOURCE = ("ec2.amazonaws.com",)
"""EC2 states no source account when it hands a machine its role."""


def judge(graph: Resources) -> Iterator[Hit]:
    account = graph.state.environment.infrastructure.account_id
    for one in of(graph, ROLE):
        found = document(one, "assumeRolePolicy")
        if not isinstance(found, dict) or not items(found.get("Statement", MISSING)):
            yield Hit(urn_path(one, "assumeRolePolicy"), f"{name(one)}: who may take it is {says(UNKNOWN)}")
            continue
        for statement in items(found["Statement"]):
            for reason in _reasons(statement, account):
                yield Hit(urn_path(one, "assumeRolePolicy"), f"{name(one)}: {reason}")


def _reasons(statement: dict[str, Any], account: str) -> Iterator[str]:
    for action in items(statement.get("Action", "sts:AssumeRole")):
        if action not in ACTIONS:
            yield f"it is taken by `{action}`"
    principal = statement.get("Principal")
    if not isinstance(principal, dict) or "*" in [x for v in principal.values() for x in items(v)]:
        yield "anybody may take it"
        return
    for who in items(principal.get("AWS", MISSING)):
        if f"::{account}:" not in str(who):
            yield f"`{who}` is not of this account"
    exact = (statement.get("Condition") or {}).get("StringEquals") or {}
    services = [one for one in items(principal.get("Service", MISSING)) if one not in NO_SOURCE]
    if services and exact.get("aws:SourceAccount") != account:
        yield f"`{services[0]}` may take it on behalf of any account"
    for part in ("aud", "sub") if "Federated" in principal else ():
        given = [v for key, v in exact.items() if key.endswith(f":{part}")]
        if not given or any("*" in str(v) for v in given):
            yield f"its `{part}` is not one exact value"
