"""The real engine, the offline provider, and a throwaway place to break them in."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.driver import Driver
from infra.toolchain import Toolchain, ensure
from infra.workspace import offline

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("Pulumi.yaml", "config", "infra", "policies")


@dataclass(frozen=True, slots=True)
class Bench:
    """One throwaway stack of one tree."""

    folder: Path
    tree: Path
    stack: str
    driver: Driver

    @property
    def cloud_file(self) -> Path:
        """What stands in for AWS."""
        return self.folder / "cloud.json"

    @property
    def state_file(self) -> Path:
        """The engine's own record."""
        return self.folder / "state" / ".pulumi" / "stacks" / "interlock" / f"{self.stack}.json"

    def cloud(self) -> dict[str, Any]:
        """The cloud as it is now."""
        found: dict[str, Any] = json.loads(self.cloud_file.read_text())
        return found

    def names(self) -> list[str]:
        """Names of all resources the cloud holds."""
        return sorted(held["urn"].rsplit("::", 1)[-1] for held in self.cloud()["resources"].values())

    def edit_cloud(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Somebody's hand in the cloud."""
        cloud = self.cloud() if self.cloud_file.exists() else {"serial": 0, "resources": {}}
        change(cloud)
        self.cloud_file.write_text(json.dumps(cloud))

    def suffer(self, name: str, fault: str) -> None:
        """What goes wrong with this resource from now on (`fail`, `hang`, `crash`; empty: nothing)."""
        self.edit_cloud(lambda cloud: cloud.update(faults={f"::{name}": fault} if fault else {}))

    def resource(self, name: str) -> dict[str, Any]:
        """The properties of one resource in the cloud."""
        held = self.cloud()["resources"].values()
        (found,) = [one["properties"] for one in held if one["urn"].endswith(f"::{name}")]
        properties: dict[str, Any] = found
        return properties


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """The pinned CLI; built when it is missing, never skipped."""
    return ensure(lambda line: None)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project that may be changed."""
    target = tmp_path / "tree"
    target.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, target / part)
    return target


@pytest.fixture
def bench(tmp_path: Path, toolchain: Toolchain) -> Callable[..., Bench]:
    """Make a throwaway stack, empty or as a copy of one that is up."""

    def make(stack: str = "dev", tree: Path = ROOT, like: Bench | None = None) -> Bench:
        return made(tmp_path / f"{stack}-bench", toolchain, stack, tree, like)

    return make


def made(folder: Path, toolchain: Toolchain, stack: str, tree: Path, like: Bench | None = None) -> Bench:
    """The stack in `folder`."""
    if like is not None:
        shutil.copytree(like.folder, folder)
    driver = Driver(toolchain.cli, offline(folder, tree, stack, toolchain), time.monotonic)
    if like is None:
        driver.create()
    return Bench(folder, tree, stack, driver)


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Bench:
    """All of production, up; to be copied, never changed."""
    bench = made(tmp_path_factory.mktemp("up") / "bench", toolchain, "production", ROOT)
    run = bench.driver.up()
    assert run.ok, run.said
    return bench


@pytest.fixture
def change(tree: Path) -> Callable[[str, str, str], None]:
    """Make one exact change of one file of the copied tree."""

    def once(file: str, old: str, new: str) -> None:
        path = tree / file
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new))

    return once
