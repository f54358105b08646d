"""A whole reconcile with a cloud and nothing to do, against 1 s + 1.2 x the two bare runs that look for a difference.

One process as `interlock reconcile` starts it: real Git, Redis, Postgres, check and Pulumi engine; only AWS is the
stand-in. The servers of this machine speak no TLS, which the rules refuse in a cloud, so the command line itself cannot
be given this pair: the environment is dev's, the stack is production's.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from infrastructure import MEASURED, ROOT, ROUNDS, looking, median, report
from reconcile import begin

from ci.commands.reconcile import _judge
from ci.context import Context
from ci.delivery.deliver import Answer, Request, Surroundings, deliver
from ci.delivery.stack import StackCloud, _judged
from ci.git import Repository
from infra.driver import Driver
from infra.local import running
from infra.toolchain import ensure
from infra.workspace import offline

OWN_SECONDS, FACTOR = 1.0, 1.2


def stack(folder: Path) -> Driver:
    """The measured environment's stack in `folder`."""
    toolchain = ensure(lambda line: None)
    return Driver(toolchain.cli, offline(folder, ROOT, MEASURED, toolchain), time.monotonic)


def once(repository: Repository, state: Path, folder: Path) -> None:
    """What the command does, with this stack for a cloud; it must find nothing."""

    def now() -> datetime:
        return datetime.now(UTC)

    context = Context(repository.root, now, lambda line: None, False, ROOT, state)
    cloud = StackCloud(stack(folder), partial(_judged, ROOT, MEASURED, now()))
    around = Surroundings(
        repository=repository,
        state=state,
        judge=lambda commit, base, environment: _judge(repository, context, commit, base, environment),
        now=now,
        wait=time.sleep,
        progress=lambda line: None,
        cloud=lambda tree, environment: cloud,
    )
    answer = deliver(Request("dev", None, False), around)
    assert isinstance(answer, Answer), answer
    assert answer.plan.is_empty
    assert (answer.plan.cloud, answer.plan.cloud_refusals) == ((), ())


def measure(place: Path) -> bool:
    """Both lines, the floor first; whether the bar holds."""
    folder, state, root = place / "stack", place / "state", place / "repository"
    root.mkdir()
    driver = stack(folder)
    driver.create()
    assert driver.up().ok
    with running(state, databases=("traider_dev",), discard=True) as local:
        begin(root, local)
        words = [
            sys.executable,
            "-m",
            "ci.main",
            "reconcile",
            "--env",
            "dev",
            "--apply",
            "--state",
            str(state),
        ]
        subprocess.run(words, cwd=root, check=True, capture_output=True)
        floor = median(looking(driver))
        report(f"bare engine, the two runs of a drift search, {MEASURED}", floor, "the floor")
        child = [sys.executable, __file__, str(root), str(state), str(folder)]
        whole = median(lambda: subprocess.run(child, check=True, capture_output=True))
    bar = OWN_SECONDS + FACTOR * floor.wall
    report("a whole reconcile with nothing to do", whole, f"bar {bar:.2f} s (1 s + 1.2 x the floor)")
    in_processor = OWN_SECONDS + FACTOR * floor.processor
    print(f"in processor seconds: {whole.processor:.2f} of {in_processor:.2f}")
    print(f"largest process: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")
    return whole.wall <= bar


def main() -> None:
    """Measure, or be the one process that is measured."""
    if len(sys.argv) == 4:
        root, state, folder = map(Path, sys.argv[1:])
        once(Repository(root), state, folder)
        return
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {ROUNDS} rounds"
    )
    with tempfile.TemporaryDirectory(prefix="interlock-bench-") as place:
        if not measure(Path(place)):
            raise SystemExit(1)


if __name__ == "__main__":
    main()
