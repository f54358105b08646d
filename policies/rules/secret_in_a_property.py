"""A secret value would be written into a resource, and so into the state and its history.

References and write-only arguments exist for each of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resources
from policies.planned import DATABASE, TASK, document, name, of, plan, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF112",
    slug="secret_in_a_property",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="secret in a property",
    fix="let AWS make the value, or use the write-only argument and a reference",
    reads=(
        "resources.*",
        "resources.aws:rds/instance:Instance.password",
        "resources.aws:ecs/taskDefinition:TaskDefinition.containerDefinitions",
    ),
    source="paper 02 5 Infrastructure",
)
HELD = "arn:aws:secretsmanager:us-east-1:111111111111:secret:interlock/x"
VALID = (
    Sample(
        says="by reference",
        resources=(
            plan(DATABASE, {"manageMasterUserPassword": True}),
            plan(
                TASK,
                {
                    "containerDefinitions": '[{"secrets": [{"name": "DB_PASSWORD", "valueFrom": "'
                    + HELD
                    + '"}]}]'
                },
            ),
        ),
    ),
)
INVALID = (
    Sample(
        says="the value itself as a reference",
        resources=(
            plan(TASK, {"containerDefinitions": '[{"secrets": [{"name": "A", "valueFrom": "hunter2"}]}]'}),
        ),
    ),
    Sample(
        says="a password",
        resources=(plan(DATABASE, {"manageMasterUserPassword": True, "password": UNKNOWN}),),
    ),
    Sample(
        says="in the environment",
        resources=(
            plan(
                TASK, {"containerDefinitions": '[{"environment": [{"name": "DB_PASSWORD", "value": "x"}]}]'}
            ),
        ),
    ),
    Sample(says="nobody makes it", resources=(plan(DATABASE, {}),)),
)


FORBIDDEN = ("password", "authToken", "secretString", "passwords", "masterPassword")
REFERENCE = re.compile(r"arn:aws:(secretsmanager|ssm):[a-z0-9-]+:[0-9]{12}:(secret:|parameter/).+")
TELLING = re.compile(r"(password|passwd|secret|token|api_?key|credential)", re.IGNORECASE)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in graph.planned:
        for key in FORBIDDEN:
            if one.type.startswith("aws:") and one.op != "delete" and value(one, key) is not MISSING:
                yield Hit(urn_path(one, key), f"{name(one)}: `{key}` would hold a secret value")
    for one in of(graph, TASK):
        containers = document(one, "containerDefinitions")
        for container in containers if isinstance(containers, list) else ():
            for pair in container.get("secrets") or ():
                if not REFERENCE.fullmatch(str(pair.get("valueFrom"))):
                    message = f"{name(one)}: secret `{pair.get('name')}` is no reference to a secret"
                    yield Hit(urn_path(one, "containerDefinitions"), message)
            for pair in container.get("environment") or ():
                if TELLING.search(str(pair.get("name", ""))):
                    yield Hit(
                        urn_path(one, "containerDefinitions"),
                        f"{name(one)}: environment variable `{pair.get('name')}` would hold a secret in clear",
                    )
    for one in of(graph, DATABASE):
        if value(one, "manageMasterUserPassword") is not True:
            yield Hit(urn_path(one, "manageMasterUserPassword"), f"{name(one)}: AWS must make its password")
