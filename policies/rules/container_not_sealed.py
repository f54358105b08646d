"""A container would run what a tag points to today, could write its own code, or would be privileged.

Only a digest is what was tested; only a sealed container stays it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from config.findings import Severity
from policies.inputs import UNKNOWN, Hit, Path, Resources
from policies.planned import (
    ACCESS_POINT,
    SERVICE,
    TASK,
    at_least,
    at_most,
    document,
    items,
    name,
    needs,
    of,
    one_of,
    plan,
    says,
    urn_path,
)
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF109",
    slug="container_not_sealed",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="container that is not sealed",
    fix="pin the image by digest, root file system read-only, no privileges, a health check",
    reads=(
        "resources.aws:ecs/taskDefinition:TaskDefinition.containerDefinitions",
        "resources.aws:ecs/service:Service.launchType",
        "resources.aws:efs/accessPoint:AccessPoint.posixUser",
    ),
    source="paper 02 5 Infrastructure",
)
SEALED = (
    '[{"name": "engine", "image": "r/i@sha256:' + "0" * 64 + '", "readonlyRootFilesystem": true,'
    ' "user": "10001:10001", "linuxParameters": {"capabilities": {"drop": ["ALL"]}},'
    ' "healthCheck": {"command": ["CMD-SHELL", "test $(age /state/heartbeat) -le 15"],'
    ' "interval": 15, "retries": 2}}]'
)
VALID = (
    Sample(
        says="the engine's own disk, on Fargate",
        resources=(
            plan(SERVICE, {"launchType": "FARGATE"}),
            plan(
                ACCESS_POINT,
                {
                    "posixUser": {"uid": 10001, "gid": 10001},
                    "rootDirectory": {"creationInfo": {"permissions": "0750"}},
                },
            ),
        ),
    ),
    Sample(says="sealed", resources=(plan(TASK, {"containerDefinitions": SEALED, "networkMode": "awsvpc"}),)),
)
INVALID = (
    Sample(
        says="noticed after an hour",
        resources=(
            plan(TASK, {"containerDefinitions": SEALED.replace('"interval": 15', '"interval": 1800')}),
        ),
    ),
    Sample(says="on anybody's machine", resources=(plan(SERVICE, {"launchType": "EXTERNAL"}),)),
    Sample(
        says="a check that cannot fail",
        resources=(plan(TASK, {"containerDefinitions": SEALED.replace("-le 15", "-le 15 || exit 0")}),),
    ),
    Sample(says="all powers", resources=(plan(TASK, {"containerDefinitions": SEALED.replace("ALL", "x")}),)),
    Sample(says="a disk of root's", resources=(plan(ACCESS_POINT, {"posixUser": {"uid": 0, "gid": 0}}),)),
    Sample(says="on the host's network", resources=(plan(TASK, {"networkMode": "host"}),)),
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


MOST_SECONDS = 60
EXCUSE = re.compile(r"\|\| *(true|:|exit 0)|; *(true|:|exit 0)")
DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, SERVICE):
        yield from needs(one, ("launchType",), one_of("FARGATE"), "no machine of somebody's runs it")
    for one in of(graph, ACCESS_POINT):
        for who in ("uid", "gid"):
            yield from needs(one, ("posixUser", who), at_least(1), "the disk must not be root's")
        mode = ("rootDirectory", "creationInfo", "permissions")
        yield from needs(one, mode, one_of("0700", "0750"), "others must not read the disk")
    for one in of(graph, TASK):
        yield from needs(one, ("networkMode",), one_of("awsvpc"), "a task has a network of its own")
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
    check = json.dumps((container.get("healthCheck") or {}).get("command"))
    if "heartbeat" not in check or EXCUSE.search(check):
        yield "has no health check that could fail", place
    found = container.get("healthCheck") or {}
    if not at_most(MOST_SECONDS)(found.get("interval", 30) * found.get("retries", 3)):
        yield f"is noticed later than {MOST_SECONDS} seconds after it stopped", place
    if container.get("essential") is False:
        yield "may stop without its task being restarted", place
    if "ALL" not in items(
        ((container.get("linuxParameters") or {}).get("capabilities") or {}).get("drop", [])
    ):
        yield "keeps capabilities of the kernel", place
