"""The engine's container as a plain document: read-only root, no privileges, a health check that can fail."""

from __future__ import annotations

import json
from typing import Any

from config.models.environment import Environment
from infra.components.secrets import name_in_aws
from infra.components.walls import ENGINE_PORT
from infra.naming import Names

PLACEHOLDER_IMAGE = "registry.invalid/interlock-not-built@sha256:" + "0" * 64
STATE = "/state"
USER = "10001:10001"


def image_of(environment: Environment) -> str:
    """The image by digest, or the marked placeholder that real AWS is never shown."""
    return environment.service.image or PLACEHOLDER_IMAGE


def definition(environment: Environment, names: Names, log_group: str) -> str:
    """The text of `containerDefinitions`; every name in it is known before AWS knows it."""
    return json.dumps([_engine(environment, names, log_group)], sort_keys=True)


def _engine(environment: Environment, names: Names, log_group: str) -> dict[str, Any]:
    return {
        "name": "engine",
        "image": image_of(environment),
        "essential": True,
        "command": ["interlock", "engine", "--env", environment.environment, "--state", STATE],
        "user": USER,
        "readonlyRootFilesystem": True,
        "privileged": False,
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
        "stopTimeout": 60,
        "portMappings": [{"containerPort": ENGINE_PORT, "protocol": "tcp"}],
        "mountPoints": [{"sourceVolume": "state", "containerPath": STATE, "readOnly": False}],
        "secrets": _secrets(environment, names),
        "healthCheck": _health(environment),
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": names.region,
                "awslogs-stream-prefix": "engine",
            },
        },
    }


def _secrets(environment: Environment, names: Names) -> list[dict[str, str]]:
    held = {key: name_in_aws(secret) for key, secret in environment.secrets.items()}
    return [
        {
            "name": f"INTERLOCK_SECRET_{key.upper()}",
            "valueFrom": names.arn("secretsmanager", f"secret:{name}"),
        }
        for key, name in held.items()
        if name is not None
    ]


def _health(environment: Environment) -> dict[str, Any]:
    """Fails when the heartbeat file is missing, older than three beats, or from tomorrow; a start gets a minute."""
    oldest = 3 * environment.monitoring.heartbeat_seconds
    test = (
        f"age=$(( $(date +%s) - $(stat -c %Y {STATE}/heartbeat) ))"
        f" && test $age -le {oldest} && test $age -ge -{oldest}"
    )
    return {"command": ["CMD-SHELL", test], "interval": 15, "timeout": 5, "retries": 2, "startPeriod": 60}
