"""The real tree of this repository, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.desired import DesiredState
from config.reading import load
from config.tree import FolderTree

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def desired() -> DesiredState:
    state = load(FolderTree(ROOT))
    assert isinstance(state, DesiredState), state.findings
    return state
