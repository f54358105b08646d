"""Infrastructure in the story: a public database refused, a bigger one previewed, on the real Pulumi engine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from time import perf_counter

from ci.demo.story import Stage, StepError
from ci.demo.terminal import Answer
from infra.toolchain import builder

STAGING = "config/environments/staging.yaml"
_BUILD_BOUND_SECONDS = 1800
_PROGRESS_SECONDS = 15


class Building:
    """The pinned Pulumi CLI, found or built once per user, by a process group of its own beside the story."""

    def __init__(self) -> None:
        self._started = perf_counter()
        self._process = subprocess.Popen(
            ["nice", sys.executable, "-P", "-m", "infra.toolchain"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def answer(self, within: float) -> Answer:
        """What it said in the end; TimeoutExpired while it still builds."""
        out, err = self._process.communicate(timeout=within)
        return Answer(self._process.returncode, out, err, perf_counter() - self._started)

    def end(self) -> None:
        """A story that ended early takes the compiler and its children with it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.communicate()


def wait_for_toolchain(stage: Stage, building: Building) -> None:
    """Say that something is being built for as long as it is."""
    for waited in range(_PROGRESS_SECONDS, _BUILD_BOUND_SECONDS + 1, _PROGRESS_SECONDS):
        try:
            answer = building.answer(_PROGRESS_SECONDS)
        except subprocess.TimeoutExpired:
            stage.voice.note(
                f"the pinned Pulumi CLI is built from its sources, once, by process {builder()} ({waited} s so far)"
            )
            continue
        if answer.code != 0:
            raise StepError(f"the Pulumi CLI could not be had: {(answer.err or answer.out).strip()}")
        return
    raise StepError(f"the Pulumi CLI was not built within {_BUILD_BOUND_SECONDS} s")


def public_database_is_refused(stage: Stage) -> None:
    """(g) a pull request that puts the database on the open internet."""
    stage.voice.chapter("g", "Infrastructure, on the real Pulumi engine against a stand-in for AWS")
    path = ("infrastructure", "database", "publicly_accessible")
    stage.propose_in(STAGING, "public-database", "staging: reach the database from home", path, True)
    answer = _preview(stage, "public-database", expect=1)
    stage.voice.quote(_findings(answer.out), most=16)
    if "error[INF" not in answer.out:
        raise StepError("the preview refused without naming a resource rule")
    stage.voice.fact(f"a public database is refused by its planned resource, in {answer.seconds:.1f} s")


def bigger_database_is_previewed(stage: Stage) -> None:
    """A change that may happen, with what it would do."""
    path = ("infrastructure", "database", "instance_class")
    stage.propose_in(STAGING, "bigger-database", "staging: a larger database", path, "db.t4g.large")
    answer = _preview(stage, "bigger-database", expect=0)
    stage.voice.quote(_plan(answer.out), most=36)
    if "does_not_prove:" not in answer.out:
        raise StepError("the preview does not say what it does not prove")
    stage.voice.fact(f"previewed without a cloud or credentials in {answer.seconds:.1f} s")


def _preview(stage: Stage, branch: str, expect: int) -> Answer:
    stage.workshop.repository.switch(branch)
    try:
        return stage.type(["preview", "--env", "staging", "--offline", "--base", "main"], expect=expect)
    finally:
        stage.workshop.repository.switch("main")


def _plan(text: str) -> str:
    """The plan, the keys, what it proves and what not; one table of all rules is for another time."""
    return "\n\n".join(part for part in text.split("\n\n") if not part.startswith("policies:"))


def _findings(text: str) -> str:
    return text.split("\n\n")[0]
