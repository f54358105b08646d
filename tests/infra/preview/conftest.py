"""A real Git repository with this tree's rooms, and previews of it on the real engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ci.delivery.preview import Answer, Around, Asked, preview
from ci.git import Repository
from infra.toolchain import Toolchain

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("config", "infra", "policies")
AUTHOR = "Test <test@example.com>"


@dataclass
class Repo:
    """A repository to change and preview; brought-up bases are kept over all tests of a run."""

    repository: Repository
    state: Path

    @property
    def root(self) -> Path:
        return self.repository.root

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace the first occurrence of a text in a file."""
        text = (self.root / file).read_text()
        assert old in text, f"{file} holds no `{old}`"
        (self.root / file).write_text(text.replace(old, new, 1))

    def commit(self, message: str) -> str:
        """Commit everything as it stands."""
        return self.repository.commit_paths(["."], message, AUTHOR)

    def preview(self, environment: str, base: str | None = None, *, proof: bool = False) -> Answer:
        """An offline preview that was not refused by the reader."""
        around = Around(self.repository, self.state, datetime(2026, 11, 20, tzinfo=UTC), lambda line: None)
        answer = preview(Asked(environment, base, True, proof), around)
        assert isinstance(answer, Answer), answer
        return answer


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("preview-state")


@pytest.fixture
def repo(tmp_path: Path, state: Path, toolchain: Toolchain) -> Repo:
    """This tree's rooms in a repository of one commit."""
    return make_repo(tmp_path / "repo", state)


def make_repo(folder: Path, state: Path) -> Repo:
    """A repository that holds what a preview needs."""
    ignored = shutil.ignore_patterns("__pycache__", ".mypy_cache")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=ignored)
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    made = Repo(Repository.create(folder, "main"), state)
    made.commit("first")
    return made


@pytest.fixture(scope="session")
def previewed(
    tmp_path_factory: pytest.TempPathFactory, state: Path, toolchain: Toolchain
) -> Callable[[str], Answer]:
    """One preview per environment, shared by all tests that only look at it."""
    held: dict[str, Answer] = {}
    made = make_repo(tmp_path_factory.mktemp("shared") / "repo", state)

    def look(environment: str) -> Answer:
        if environment not in held:
            held[environment] = made.preview(environment)
        return held[environment]

    return look
