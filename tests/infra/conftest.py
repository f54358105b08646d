"""The real Pulumi engine for tests: a tiny project, a throwaway cloud, the pinned CLI (built when it is missing)."""

from __future__ import annotations

import json
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.driver import Driver
from infra.toolchain import Toolchain, ensure
from infra.workspace import offline

PROJECT = "name: interlock\nmain: infra/\nstackConfigDir: infra/stacks\nruntime: python\n"
HEADER = """
import pulumi
from pulumi import Alias, Output, ResourceOptions

class Made(pulumi.CustomResource):
    def __init__(self, type_, name, props, opts=None):
        super().__init__(type_, name, {**props, "arn": None}, opts)

VPC = "aws:ec2/vpc:Vpc"
DATABASE = "aws:rds/instance:Instance"
TOPIC = "aws:sns/topic:Topic"
"""


class Tiny:
    """A project of a few resources, its driver and its cloud."""

    def __init__(self, root: Path, toolchain: Toolchain) -> None:
        self.tree = root / "tree"
        (self.tree / "infra" / "stacks").mkdir(parents=True)
        (self.tree / "Pulumi.yaml").write_text(PROJECT)
        (self.tree / "infra" / "stacks" / "Pulumi.dev.yaml").write_text("config:\n  aws:region: us-east-1\n")
        self.folder = root / "work"
        self.program("")
        self.driver = Driver(toolchain.cli, offline(self.folder, self.tree, "dev", toolchain), time.monotonic)
        self.driver.create()

    def program(self, body: str) -> None:
        """Replace the program."""
        (self.tree / "infra" / "__main__.py").write_text(HEADER + textwrap.dedent(body))

    @property
    def cloud_file(self) -> Path:
        return self.folder / "cloud.json"

    @property
    def state_file(self) -> Path:
        return next((self.folder / "state" / ".pulumi" / "stacks").rglob("dev.json"))

    def cloud(self) -> dict[str, Any]:
        """What the stand-in cloud holds."""
        found: dict[str, Any] = json.loads(self.cloud_file.read_text())
        return found

    def edit(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the cloud behind the engine's back."""
        cloud = self.cloud() if self.cloud_file.exists() else {"serial": 0, "resources": {}}
        change(cloud)
        self.cloud_file.write_text(json.dumps(cloud))


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """The CLI every engine test runs; never skipped: a missing one is built."""
    return ensure(lambda line: None)


@pytest.fixture
def tiny(tmp_path: Path, toolchain: Toolchain) -> Tiny:
    """A fresh tiny project on a fresh cloud."""
    return Tiny(tmp_path, toolchain)
