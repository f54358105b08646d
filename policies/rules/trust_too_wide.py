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
VALID = (Sample(says="one job", resources=(plan(ROLE, {"assumeRolePolicy": EXACT}),)),)
INVALID = (
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


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, ROLE):
        found = document(one, "assumeRolePolicy")
        if not isinstance(found, dict):
            yield Hit(urn_path(one, "assumeRolePolicy"), f"{name(one)}: who may take it is {says(UNKNOWN)}")
            continue
        for statement in items(found.get("Statement", MISSING)):
            for reason in _reasons(statement):
                yield Hit(urn_path(one, "assumeRolePolicy"), f"{name(one)}: {reason}")


def _reasons(statement: dict[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal")
    if principal == "*" or (
        isinstance(principal, dict) and "*" in [x for v in principal.values() for x in items(v)]
    ):
        yield "anybody may take it"
    if not isinstance(principal, dict) or "Federated" not in principal:
        return
    exact = (statement.get("Condition") or {}).get("StringEquals") or {}
    for part in ("aud", "sub"):
        given = [v for key, v in exact.items() if key.endswith(f":{part}")]
        if not given or any("*" in str(v) for v in given):
            yield f"its `{part}` is not one exact value"
