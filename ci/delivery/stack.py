"""One stack on the real engine: its differences, what the rules say of the plan, and bringing it up.

Runs the commit's own program, never the worktree's; a cloud that cannot be looked at is said to be so, never green.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from ci.delivery.checkout import checkout
from ci.delivery.cloud import Cloud, Look, NoCloud, UnlookedCloud
from ci.delivery.errors import GateFailedError
from ci.delivery.plan_places import PlanPlaces
from ci.delivery.planned import judge
from ci.errors import UnreachableError
from ci.git import CommitTree
from config.findings import Finding, Refused
from config.models.environment import Environment
from config.reading import load
from config.tree import FolderTree
from infra.drift import Drifted, drift, pending
from infra.driver import Driver, Run
from infra.failures import EngineError, ProgramError
from infra.plan_digest import plan_digest
from infra.throwaway import Previewed
from infra.toolchain import Toolchain, ToolchainError, ensure
from infra.workspace import PACK, ProjectError, Workspace, real
from policies.inputs import state_of

BACKEND = "PULUMI_BACKEND_URL"
_NO_STACK = "no stack named"


class StackCloud:
    """The stack of an environment, driven by the real engine."""

    unlooked = ""

    def __init__(self, driver: Driver, judge: Callable[[Run], tuple[Finding, ...]]) -> None:
        self._driver = driver
        self._judge = judge

    def look(self) -> Look:
        with _told():
            try:
                behind = drift(self._driver)
                ahead, run = pending(self._driver, PACK)
            except EngineError as error:
                if _NO_STACK not in error.message:
                    raise
                stack = self._driver.workspace.stack
                return Look((Drifted(stack, "create", "", "a stack", "not made"),))
        differs = tuple(dict.fromkeys((*behind, *ahead)))
        return Look(differs, plan_digest(run.events), self._judge(run))

    def up(self) -> str:
        with _told():
            self._driver.create()
            run = self._driver.up(pack=PACK, refresh=True)
            if not run.ok:
                raise GateFailedError(
                    _why(run, self._driver),
                    "run it again, it goes on from what the state holds; "
                    f"the target alone was not published; log: {run.log}",
                )
        changed = sum(step.op != "same" for step in run.events.steps.values())
        return f"{changed} of {len(run.events.steps)} resources changed"


def cloud_of(
    tree: CommitTree,
    environment: Environment,
    state: Path,
    progress: Callable[[str], None],
    now: datetime,
    variables: Mapping[str, str] = os.environ,
    workspace_of: Callable[[Path, str, Toolchain, Path], Workspace] = real,
) -> Cloud:
    """The cloud this commit's environment asks for."""
    if environment.service.compute == "local":
        return NoCloud()
    if not variables.get(BACKEND):
        return UnlookedCloud(f"{BACKEND} is not set")
    folder = checkout(tree, state / "preview" / "trees")
    if folder is None:
        return UnlookedCloud(f"commit {tree.commit[:12]} has no infrastructure program")
    with _told():
        toolchain = ensure(progress)
        logs = state / environment.environment / "pulumi-logs"
        workspace = workspace_of(folder, environment.environment, toolchain, logs)
    judge = partial(_judged, folder, environment.environment, now)
    return StackCloud(Driver(toolchain.cli, workspace, time.monotonic), judge)


def _judged(folder: Path, name: str, now: datetime, run: Run) -> tuple[Finding, ...]:
    """The very judgement of `preview`, on the plan that `up` would carry out."""
    desired = load(FolderTree(folder))
    if isinstance(desired, Refused):
        return desired.findings
    state = state_of(name, desired.environments[name], desired.catalogue, now)
    previewed = Previewed(run, None, None, base_was_cached=False)
    return judge(previewed, state, PlanPlaces(folder, desired, name)).findings


def _why(run: Run, driver: Driver) -> str:
    """The first policy that refuses, else what the engine says."""
    hits = [hit.message.strip().partition("\n")[0] for hit in run.events.policy_hits]
    return f"the rules refuse: {hits[0]}" if hits else f"the cloud was not brought up: {driver.reason(run)}"


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the engine fails at becomes a failure with an exit code of the house."""
    try:
        yield
    except ProgramError as error:
        raise GateFailedError(error.message, error.help) from error
    except (EngineError, ToolchainError, ProjectError) as error:
        raise UnreachableError(error.message, error.help) from error
