"""One stack on the real engine: its differences, and bringing it up.

Runs the commit's own program, never the worktree's; a cloud that cannot be looked at is said to be so, never green.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ci.delivery.checkout import checkout
from ci.delivery.cloud import Cloud, NoCloud, UnlookedCloud
from ci.delivery.errors import GateFailedError
from ci.errors import UnreachableError
from ci.git import CommitTree
from config.models.environment import Environment
from infra.drift import Drifted, drift, pending
from infra.driver import Driver, Run
from infra.failures import EngineError, ProgramError
from infra.toolchain import Toolchain, ToolchainError, ensure
from infra.workspace import PACK, ProjectError, Workspace, real

BACKEND = "PULUMI_BACKEND_URL"
_NO_STACK = "no stack named"


class StackCloud:
    """The stack of an environment, driven by the real engine."""

    unlooked = ""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def differences(self) -> tuple[Drifted, ...]:
        with _told():
            try:
                found = (*drift(self._driver), *pending(self._driver))
            except EngineError as error:
                if _NO_STACK not in error.message:
                    raise
                stack = self._driver.workspace.stack
                return (Drifted(stack, "create", "", "a stack", "not made"),)
        return tuple(dict.fromkeys(found))

    def up(self) -> str:
        with _told():
            self._driver.create()
            run = self._driver.up(pack=PACK, refresh=True)
            if not run.ok:
                raise GateFailedError(
                    f"the engine refuses: {_why(run, self._driver)}",
                    f"the target alone was not published; log: {run.log}",
                )
        changed = sum(step.op != "same" for step in run.events.steps.values())
        return f"{changed} of {len(run.events.steps)} resources changed"


def cloud_of(
    tree: CommitTree,
    environment: Environment,
    state: Path,
    progress: Callable[[str], None],
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
    return StackCloud(Driver(toolchain.cli, workspace, time.monotonic))


def _why(run: Run, driver: Driver) -> str:
    """The first policy that refuses, else what the engine says."""
    hits = [hit.message.strip().partition("\n")[0] for hit in run.events.policy_hits]
    return hits[0] if hits else driver.reason(run)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the engine fails at becomes a failure with an exit code of the house."""
    try:
        yield
    except ProgramError as error:
        raise GateFailedError(error.message, error.help) from error
    except (EngineError, ToolchainError, ProjectError) as error:
        raise UnreachableError(error.message, error.help) from error
