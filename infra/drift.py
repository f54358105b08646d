"""Drift of one stack: state against cloud and code against cloud, named to the property; writes nothing.

Never shows a secret: the engine's mask stands in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.driver import Driver, Run
from infra.events import Step
from infra.failures import EngineError, ProgramError, explain, program_failure

_MARKS = {"4dabf18193072939515e22adb298388d"}


@dataclass(frozen=True, slots=True)
class Drifted:
    """One property (or a whole resource) that is not as it should be; values as people read them."""

    urn: str
    what: str
    key: str
    expected: str
    found: str


def drift(driver: Driver) -> tuple[Drifted, ...]:
    """What somebody changed in the cloud behind the state, sorted by URN and property."""
    return _told(driver.drift(), driver, "cloud")


def pending(driver: Driver, pack: Path | None = None) -> tuple[tuple[Drifted, ...], Run]:
    """What `up` would still change, code against state and cloud; and the run that says so, for whoever judges it."""
    run = driver.preview(pack=pack, refresh=True)
    return _told(run, driver, "code"), run


def _told(run: Run, driver: Driver, side: str) -> tuple[Drifted, ...]:
    for _, message in run.events.errors:
        raised = program_failure(message, driver.workspace.tree)
        if raised is not None:  # what it had registered until then is no answer
            raise ProgramError(raised, "correct the program or the fact it names; nothing was compared")
    steps = [
        step for step in run.events.steps.values() if step.op in ("update", "delete", "create", "replace")
    ]
    if not run.ok and not steps:
        raise EngineError(explain(run.said, driver.workspace.tree), "nothing was compared")
    if (
        side == "cloud" and run.events.errors
    ):  # what was read until then is no answer; a plan's errors are judged
        raise EngineError(driver.reason(run), "the cloud was read in part only, so nothing was compared")
    found = [one for step in steps for one in _of_step(step, side)]
    return tuple(sorted(found, key=lambda one: (one.urn, one.key)))


_WHOLE = {
    ("cloud", "delete"): ("in the state", "gone from the cloud"),
    ("cloud", "create"): ("in the state", "in the state"),
    ("code", "delete"): ("not in the code", "still there"),
    ("code", "create"): ("in the code", "not made"),
}
"""A whole resource, wanted and found; reading a cloud never finds a new one."""


def _of_step(step: Step, side: str) -> Iterator[Drifted]:
    if step.op in ("delete", "create"):
        yield Drifted(step.urn, step.op, "", *_WHOLE[side, step.op])
        return
    # Reading the cloud goes from the state to what was found, a preview from what stands to the code.
    wanted, stands = (step.old, step.new) if side == "cloud" else (step.new, step.old)
    for key in dict.fromkeys(path.split(".", 1)[0].split("[", 1)[0] for path in step.changed):
        yield Drifted(step.urn, step.op, key, shown(_of(wanted, key)), shown(_of(stands, key)))


def _of(side: Any, key: str) -> Any:
    if side is None:
        return None
    return side.outputs.get(key, side.inputs.get(key)) if side.outputs else side.inputs.get(key)


def shown(value: Any) -> str:
    """A property as people read it; secrets and unknowns by name."""
    import json

    if value is None:
        return "(not set)"
    if isinstance(value, dict) and _MARKS & set(value):
        return "(secret)"
    if isinstance(value, str):
        return "(known after apply)" if value == "04da6b54-80e4-46f7-96ec-b56ff0331ba9" else value
    return json.dumps(_masked(value), sort_keys=True)


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return "(secret)" if _MARKS & set(value) else {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return "(known after apply)" if value == "04da6b54-80e4-46f7-96ec-b56ff0331ba9" else value
