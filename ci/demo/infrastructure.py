"""Infrastructure in the story: a public database refused, a bigger one previewed, on the real Pulumi engine."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import Future
from time import perf_counter

from ci.demo.story import Stage, StepError
from ci.demo.terminal import Answer

STAGING = "config/environments/staging.yaml"
_BUILD_BOUND_SECONDS = 1800
_PROGRESS_SECONDS = 15


def build_toolchain() -> Answer:
    """Find the pinned Pulumi CLI, or build it once per user; runs beside the story."""
    started = perf_counter()
    done = subprocess.run(
        ["nice", sys.executable, "-P", "-m", "infra.toolchain"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_BUILD_BOUND_SECONDS,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr, perf_counter() - started)


def wait_for_toolchain(stage: Stage, building: Future[Answer]) -> None:
    """Say that something is being built for as long as it is."""
    waited = 0
    while True:
        try:
            answer = building.result(timeout=_PROGRESS_SECONDS)
            break
        except TimeoutError:
            waited += _PROGRESS_SECONDS
            stage.voice.note(
                f"the pinned Pulumi CLI is being built from its sources, once ({waited} s so far)"
            )
    if answer.code != 0:
        raise StepError(f"the Pulumi CLI could not be had: {(answer.err or answer.out).strip()}")


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
    stage.voice.quote(answer.out, most=26)
    stage.voice.fact(f"previewed without a cloud or credentials in {answer.seconds:.1f} s")


def _preview(stage: Stage, branch: str, expect: int) -> Answer:
    stage.workshop.repository.switch(branch)
    try:
        return stage.type(["preview", "--env", "staging", "--offline", "--base", "main"], expect=expect)
    finally:
        stage.workshop.repository.switch("main")


def _findings(text: str) -> str:
    return text.split("\n\n")[0]
