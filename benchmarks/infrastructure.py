"""Offline previews against the bare engine on an equal program; medians of whole processes, machine named.

Processor seconds stand beside wall seconds: on a busy machine they are the fairer ratio.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from infra.driver import Driver
from infra.toolchain import Toolchain, ensure
from infra.workspace import offline

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = int(os.environ.get("INTERLOCK_BENCH_ROUNDS", "3"))
ENVIRONMENTS = ("dev", "staging", "production")
MEASURED = "production"


class Cost(NamedTuple):
    """Wall and processor seconds of whole processes."""

    wall: float
    processor: float


def timed(work: Callable[[], object]) -> Cost:
    """What one call costs, children included."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(time.monotonic() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def median(work: Callable[[], object]) -> Cost:
    """The medians of some calls, after one that warms up."""
    work()
    costs = [timed(work) for _ in range(ROUNDS)]
    return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))


def bare(driver: Driver) -> Callable[[], None]:
    """The engine alone: no pack, no event log, nothing of ours but the program and the stand-in cloud."""
    workspace = driver.workspace
    words = [str(driver.cli), "preview", "--stack", workspace.stack, "--non-interactive", "--color", "never"]

    def run() -> None:
        subprocess.run(
            words, cwd=workspace.folder, env=dict(workspace.variables), capture_output=True, check=True
        )

    return run


def ours(state: Path, *options: str) -> list[str]:
    """The words of one preview."""
    return [sys.executable, "-m", "ci.main", "preview", "--offline", "--state", str(state), *options]


def call(words: list[str]) -> None:
    """One whole process that must succeed."""
    subprocess.run(words, cwd=ROOT, capture_output=True, check=True)


def together(state: Path) -> None:
    """All environments at once, as a pull-request job runs them."""
    running = [
        subprocess.Popen(
            ours(state, "--env", name), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for name in ENVIRONMENTS
    ]
    assert [child.wait() for child in running] == [0, 0, 0]


def proof_from_nothing(state: Path) -> None:
    """Base brought up anew, head previewed, brought up and previewed again."""
    shutil.rmtree(state / "preview" / "bases", ignore_errors=True)
    call(ours(state, "--env", MEASURED, "--base", "HEAD", "--prove"))


def report(name: str, cost: Cost, bar: str) -> None:
    """One line."""
    print(f"{name:<52} {cost.wall:7.2f} s {cost.processor:7.2f} cpu s   {bar}")


def looking(driver: Driver) -> Callable[[], None]:
    """The two bare runs that look for a difference: the cloud against the state, the code against both.

    The floor of reconcile_cloud.py.
    """
    workspace = driver.workspace
    rest = ["--stack", workspace.stack, "--non-interactive", "--color", "never", "--expect-no-changes"]

    def run() -> None:
        for words in (["refresh", "--preview-only"], ["preview", "--refresh"]):
            subprocess.run(
                [str(driver.cli), *words, *rest],
                cwd=workspace.folder,
                env=dict(workspace.variables),
                capture_output=True,
                check=True,
            )

    return run


def times(cost: Cost, floor: Cost) -> str:
    """How many times the floor, by both clocks."""
    return f"{cost.wall / floor.wall:.2f} x (cpu {cost.processor / floor.processor:.2f} x)"


def measure(folder: Path, toolchain: Toolchain) -> None:
    """All lines, the floor first."""
    driver = Driver(toolchain.cli, offline(folder / "bare", ROOT, MEASURED, toolchain), time.monotonic)
    driver.create()
    floor = median(bare(driver))
    resources = len(driver.preview().events.steps)
    report(f"bare engine, preview of {MEASURED} ({resources} resources)", floor, "the floor")
    state = folder / "state"
    one = median(lambda: call(ours(state, "--env", MEASURED)))
    report("interlock preview --offline, warm", one, f"{times(one, floor)}, bar 1.3 x")
    first = timed(lambda: proof_from_nothing(state))
    report("with base and proof of idempotence, base brought up", first, times(first, floor))
    whole = median(lambda: call(ours(state, "--env", MEASURED, "--base", "HEAD", "--prove")))
    report("with base and proof of idempotence, base kept", whole, f"{times(whole, floor)}, bar 4 x")
    three = median(lambda: together(state))
    report("three environments at once", three, "bar 25 s on two cores")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process: {peak:.0f} MiB")


def main() -> None:
    """Measure in a throwaway folder."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {ROUNDS} rounds"
    )
    toolchain = ensure(lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory(prefix="interlock-bench-") as folder:
        measure(Path(folder), toolchain)


if __name__ == "__main__":
    main()
