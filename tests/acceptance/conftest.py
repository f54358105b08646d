"""What a newcomer has: a clone of the tree, a terminal, real servers of this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.models.environment import Redis
from infra.local import Local
from tests.acceptance.terminal import Terminal
from tests.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, local: Local, create_database: Callable[..., str], redis_section: Redis) -> Desk:
    """A repository of this tree whose dev points at the test's servers; the folder's name holds a space."""
    return Desk.make(tmp_path / "a clone", local, create_database(), redis_section, wired=("dev",))


@pytest.fixture
def interlock(desk: Desk) -> Terminal:
    return Terminal(desk)
