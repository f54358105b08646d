"""One preview from end to end: read both sides, run the engine, judge what it planned.

Offline by default where nothing else is asked: see infra/throwaway.py for what that means.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ci.delivery.checkout import checkout
from ci.delivery.plan_places import PlanPlaces
from ci.delivery.planned import Judged, judge
from ci.delivery.planned_facts import refused_facts
from ci.errors import InterlockError, UnreachableError, UsageError
from ci.git import Repository
from config.desired import DesiredState
from config.findings import Refused
from config.models.environment import Environment
from config.reading import load
from config.tree import FolderTree, Tree
from infra.driver import Driver
from infra.failures import EngineError, ProgramError
from infra.throwaway import Previewed, Throwaway
from infra.toolchain import ToolchainError, ensure
from infra.workspace import PACK, ProjectError, real
from policies.changes import changes
from policies.inputs import Change, State, state_of

_NO_BACKEND = (
    "name the backend (PULUMI_BACKEND_URL) and make the stack there, or use --offline; nothing was planned"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a preview is asked for."""

    environment: str
    base: str | None
    is_offline: bool
    proof: bool


@dataclass(frozen=True, slots=True)
class Around:
    """Where a preview runs."""

    repository: Repository
    state: Path
    now: datetime
    progress: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine planned, what changed in the files, and the judgement."""

    previewed: Previewed
    judged: Judged
    changed: tuple[Change, ...]
    base: str
    notes: tuple[str, ...]
    texts: dict[str, str]
    head: DesiredState
    was: DesiredState | None


class ProgramRefusedError(InterlockError):
    """Our own program raised while it was built: nothing was planned."""

    exit_code = 1


def preview(asked: Asked, around: Around) -> Answer | Refused:
    """The whole way; `Refused` when a file is refused before anything ran."""
    head = load(FolderTree(around.repository.root))
    if isinstance(head, Refused):
        return head
    if asked.environment not in head.environments:
        known = ", ".join(head.environments)
        raise UsageError(f"there is no environment `{asked.environment}`", f"one of: {known}")
    state = _state(head, asked.environment, around.now)
    refused = refused_facts(head, state, around.repository.root)
    if refused is not None:
        return refused
    base_tree = around.repository.commit_tree(asked.base) if asked.base is not None else None
    was = _base(base_tree)
    changed = _changed(head, was, around.now)
    base = checkout(base_tree, around.state / "preview" / "trees") if base_tree is not None else None
    notes = (
        *(
            [f"{asked.base} has no infrastructure program: everything is new"]
            if base_tree and not base
            else []
        ),
        *_placeholders(head.environments[asked.environment]),
    )
    previewed = _run(asked, around, base)
    places = PlanPlaces(around.repository.root, head, asked.environment, base)
    texts = {file: document.text for file, document in head.documents.items()} | places.texts
    commit = base_tree.commit if base_tree is not None else ""
    return Answer(previewed, judge(previewed, state, places), changed, commit, notes, texts, head, was)


def _placeholders(environment: Environment) -> Iterator[str]:
    if environment.service.compute == "ecs" and environment.service.image is None:
        yield "service.image is null: a marked placeholder stands in this plan, and real AWS is refused without it"


def _run(asked: Asked, around: Around, base: Path | None) -> Previewed:
    """The engine's part; whatever it fails at becomes a failure with an exit code of the house."""
    try:
        toolchain = ensure(around.progress)
        if asked.is_offline:
            throwaway = Throwaway(
                toolchain, around.state / "preview" / "bases", time.monotonic, around.progress
            )
            return throwaway.preview(around.repository.root, base, asked.environment, proof=asked.proof)
        workspace = real(
            around.repository.root, asked.environment, toolchain, around.state / "preview" / "logs"
        )
        driver = Driver(toolchain.cli, workspace, time.monotonic)
        run = driver.preview(pack=PACK, refresh=True)
        if not run.events.steps:
            raise EngineError(driver.reason(run), _NO_BACKEND)
        return Previewed(run, None, None, base_was_cached=False)
    except ProgramError as error:
        raise ProgramRefusedError(error.message, error.help) from error
    except ProjectError as error:
        raise UsageError(error.message, error.help) from error
    except (EngineError, ToolchainError) as error:
        raise UnreachableError(error.message, error.help) from error


def _base(tree: Tree | None) -> DesiredState | None:
    """The base as it reads; None where there is none, or none with a desired state."""
    if tree is None or not tree.entries("config/environments"):
        return None
    base = load(tree)
    if isinstance(base, Refused):
        raise UsageError(
            f"the base is refused by this reader: {base.findings[0].message}",
            "choose a base that `check` accepts",
        )
    return base


def _changed(head: DesiredState, base: DesiredState | None, now: datetime) -> tuple[Change, ...]:
    if base is None:
        return ()
    return tuple(changes(_states(base, now), _states(head, now), base.catalogue, head.catalogue, now))


def _states(desired: DesiredState, now: datetime) -> dict[str, State]:
    return {name: _state(desired, name, now) for name in desired.environments}


def _state(desired: DesiredState, name: str, now: datetime) -> State:
    return state_of(name, desired.environments[name], desired.catalogue, now)
