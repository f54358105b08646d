"""The desired state: everything a tree says, typed, with the place of each value.

Knows no YAML and no Git; `config.reading.load` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.document import Document
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.models.records import Release
from config.record import record

ENVIRONMENTS = "config/environments/"


def environment_file(name: str) -> str:
    """The file of an environment."""
    return f"{ENVIRONMENTS}{name}.yaml"


@record
class DesiredState:
    """All environments, the catalogue and the records of one tree; `documents` by file path."""

    environments: Mapping[str, Environment]
    catalogue: Catalogue
    releases: tuple[Release, ...]
    documents: Mapping[str, Document[Any]]
