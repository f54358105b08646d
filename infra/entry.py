"""From a checkout and a stack name to a built program; a refused file ends the run with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import pulumi

from config.desired import environment_file
from config.findings import Refused
from config.models.catalogue import Alerts
from config.models.environment import Environment
from config.reading import read_document
from config.tree import FolderTree
from infra.approved import approved
from infra.program import Settings, build

T = TypeVar("T")
ALERTS = "config/alerts.yaml"


class RefusedConfigurationError(Exception):
    """A file the program needs is missing or refused by the reader."""


def run(root: Path) -> None:
    """Build the environment that has the stack's name."""
    name = pulumi.get_stack()
    environment = _read(root, environment_file(name), Environment)
    found = approved(root, name)
    if isinstance(found, str):
        raise RefusedConfigurationError(found)
    build(environment, _read(root, ALERTS, Alerts), _settings(found))


def _settings(lifted: frozenset[str]) -> Settings:
    ours = pulumi.Config("interlock")
    return Settings(
        region=pulumi.Config("aws").require("region"),
        is_offline=ours.get_bool("offline") or False,
        auth_token=ours.get_secret("cacheAuthToken"),
        pagerduty=ours.get_secret("pagerdutyEndpoint"),
        approved=lifted,
    )


def _read(root: Path, file: str, shape: type[T]) -> T:
    blob = FolderTree(root).read(file)
    if blob is None:
        raise RefusedConfigurationError(f"{file}: no such file; the stack's name must be an environment's")
    found: Any = read_document(file, blob, shape)
    if isinstance(found, Refused):
        first = found.findings[0]
        raise RefusedConfigurationError(f"{file}:{first.span.line}:{first.span.column}: {first.message}")
    value: T = found.value
    return value
