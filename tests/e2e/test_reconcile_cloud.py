"""A reconcile with the real Pulumi engine and the offline provider: up between the snapshots, drift undone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ci.delivery.cloud import Cloud
from ci.delivery.stack import BACKEND, cloud_of
from ci.git import CommitTree, Repository
from config.models.environment import Environment, Redis
from infra.local import Local
from infra.workspace import offline
from tests.desk import TREE, Desk

ROOMS = ("config", "infra", "policies")


@pytest.fixture
def desk(tmp_path: Path, local: Local, create_database: Callable[..., str], redis_section: Redis) -> Desk:
    return Desk.make(tmp_path / "repository", local, create_database(), redis_section, wired=("staging",))


@pytest.fixture
def program(tmp_path: Path) -> CommitTree:
    """This tree's own program and facts: the test's servers speak no TLS, which the rules would refuse in a cloud."""
    root = tmp_path / "program"
    for room in ROOMS:
        shutil.copytree(TREE / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TREE / "Pulumi.yaml", root)
    repository = Repository.create(root, "main")
    return repository.commit_tree(repository.commit_paths(["."], "the program", "Ann <ann@example.com>"))


@pytest.fixture
def cloud(tmp_path: Path, program: CommitTree) -> Callable[[CommitTree, Environment], Cloud]:
    """What the command builds, with the stand-in for AWS below the real engine."""

    def build(tree: CommitTree, environment: Environment) -> Cloud:
        return cloud_of(
            program,
            environment,
            tmp_path / "trees",
            lambda line: None,
            variables={BACKEND: "file:"},
            workspace_of=lambda folder, stack, toolchain, logs: offline(
                tmp_path / "work", folder, stack, toolchain
            ),
        )

    return build


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_stack_is_made_then_drift_is_found_and_undone(
    desk: Desk, cloud: Callable[[CommitTree, Environment], Cloud], tmp_path: Path
) -> None:
    reconcile = partial(desk.deliver, "staging", cloud=cloud)
    before: Any = reconcile()
    assert [(one.what, one.found) for one in before.plan.cloud] == [("create", "not made")]
    done: Any = reconcile(apply=True)
    assert done.done.cloud.endswith("resources changed")
    assert desk.head("staging").commits == (desk.first,)
    assert desk.rows("staging")[-1].content["cloud"] == done.done.cloud
    nothing: Any = reconcile()
    assert (nothing.plan.cloud, nothing.plan.is_empty) == ((), True)
    file = tmp_path / "work" / "cloud.json"
    held = json.loads(file.read_text())
    database = next(one for one in held["resources"].values() if "rds/instance:Instance::" in one["urn"])
    state = database.get("properties") or database.get("outputs") or database["inputs"]
    state["deletionProtection"] = False
    file.write_text(json.dumps(held))
    drifted: Any = reconcile()
    told = [(one.key, one.expected, one.found) for one in drifted.plan.cloud]
    assert told == [("deletionProtection", "true", "false")]
    reconcile(apply=True)
    after: Any = reconcile()
    assert (after.plan.cloud, after.plan.is_empty) == ((), True)
