"""A container would run what a tag points to today, could write its own code, or would be privileged.

Only a digest is what was tested; only a sealed container stays it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from config.findings import Severity
from policies.inputs import UNKNOWN, Hit, Path, Resources
from policies.planned import TASK, document, name, of, plan, says, urn_path
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF109",
    slug="container_not_sealed",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="container that is not sealed",
    fix="pin the image by digest, root file system read-only, no privileges, a health check",
    reads=("resources.aws:ecs/taskDefinition:TaskDefinition.containerDefinitions",),
    source="paper 02 5 Infrastructure",
)
SEALED = (
    '[{"name": "engine", "image": "r/i@sha256:' + "0" * 64 + '", "readonlyRootFilesystem": true,'
    ' "user": "10001:10001", "healthCheck": {"command": ["CMD", "x"]}}]'
)
VALID = (Sample(says="sealed", resources=(plan(TASK, {"containerDefinitions": SEALED}),)),)
INVALID = (
    Sample(
        says="a tag",
        resources=(plan(TASK, {"containerDefinitions": SEALED.replace("@sha256:" + "0" * 64, ":latest")}),),
    ),
    Sample(says="root", resources=(plan(TASK, {"containerDefinitions": SEALED.replace("10001", "0")}),)),
    Sample(
        says="writable", resources=(plan(TASK, {"containerDefinitions": SEALED.replace("true", "false")}),)
    ),
    Sample(says="not known", resources=(plan(TASK, {"containerDefinitions": UNKNOWN}),)),
)


DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, TASK):
        containers = document(one, "containerDefinitions")
        place = urn_path(one, "containerDefinitions")
        if not isinstance(containers, list) or not containers:
            yield Hit(place, f"{name(one)}: its containers are {says(UNKNOWN)}")
            continue
        for container in containers:
            for reason, path in _reasons(container, place):
                yield Hit(path, f"{name(one)}: container `{container.get('name')}` {reason}")


def _reasons(container: dict[str, Any], place: Path) -> Iterator[tuple[str, Path]]:
    if not DIGEST.fullmatch(str(container.get("image", ""))):
        yield "has an image without a digest", ("service", "image")
    if container.get("readonlyRootFilesystem") is not True:
        yield "can write its root file system", place
    if container.get("privileged") is True or str(container.get("user", "0")).split(":")[0] in (
        "",
        "0",
        "root",
    ):
        yield "runs with privileges", place
    if not container.get("healthCheck"):
        yield "has no health check that could fail", place
