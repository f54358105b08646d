"""Measures `interlock check` as whole processes on this repository and on grown trees: medians, processor time, memory.

Bars: 0.25 s and 100 MB here; 0.6 s with --base; 0.5 s for 300 files of 59 lines, 2 s for 3,000, 0.4 s when known from
before.  Warm page cache and bytecode; says which machine it ran on and how loaded it was.

Run `python -m benchmarks.check [RUNS]`.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.policy.trees import commit, grow

ROOT = Path(__file__).resolve().parents[1]
RUNS = 21
MOST_MEGABYTES = 100
_TOUCHED = "config/environments/dev-5.yaml"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to measure: words of the command, where, its bar in seconds, and what happens before each run."""

    name: str
    words: tuple[str, ...]
    root: Path = ROOT
    bar: float = 0.25
    before: Callable[[], object] = bool


HERE = (
    Case("interlock check", ("check",)),
    Case("interlock check --staged", ("check", "--staged")),
    Case("interlock check --base HEAD", ("check", "--base", "HEAD"), bar=0.6),
    Case("interlock check HEAD --base HEAD~1", ("check", "HEAD", "--base", "HEAD~1"), bar=0.6),
    Case("interlock check --mutate", ("check", "--mutate"), bar=0.6),
)


def grown(folder: Path) -> Iterator[Case]:
    """Trees of 300 and 3,000 environments; the larger one sound and faulty, new and known from before."""
    small, large, faulty = (folder / name for name in ("300", "3000", "3000-faulty"))
    for root, per_tier in ((small, 100), (large, 1_000), (faulty, 1_000)):
        root.mkdir()
        grow(root, per_tier, faulty=root is faulty)
        commit(root)
    kept, kept_faulty = (("--state", str(folder / name)) for name in ("state", "faulty-state"))
    yield Case("300 files, nothing kept", ("check", "--no-cache"), small, 0.5)
    yield Case("3,000 files, nothing kept", ("check", "--no-cache"), large, 2.0)
    yield Case("3,000 files, known from before", ("check", *kept), large, 0.4)
    yield Case("3,000 files, one of them changed", ("check", *kept), large, 0.4, lambda: _touch(large))
    yield Case("3,000 files, all staged and known", ("check", "--staged", *kept), large, 0.4)
    yield Case("3,000 files, 330 faults, nothing kept", ("check", "--no-cache"), faulty, 2.0)
    yield Case("3,000 files, 330 faults, known", ("check", *kept_faulty), faulty, 0.4)


def _touch(root: Path) -> None:
    with (root / _TOUCHED).open("a") as file:
        file.write("# one more line\n")


def measure(case: Case, runs: int) -> tuple[float, float, float]:
    """Median wall time, median processor time (children included), peak memory of the largest process in MB."""
    command = [str(Path(sys.executable).parent / "interlock"), *case.words]
    walls, processors, peak = [], [], 0.0
    for run in range(runs + 1):  # the first one warms the caches
        case.before()
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=case.root, stdout=subprocess.PIPE)
        said = process.stdout.read() if process.stdout else b""
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        if run:
            walls.append(time.perf_counter() - started)
            processors.append(usage.ru_utime + usage.ru_stime)
        peak = max(peak, usage.ru_maxrss / (1024 * 1024 if platform.system() == "Darwin" else 1024))
        assert b" rules: " in said, "the check did not judge"
    return statistics.median(walls), statistics.median(processors), peak


def main(runs: int) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"medians of {runs} runs; load before: {os.getloadavg()[0]:.1f}")
    print(f"{'what':<40} {'wall s':>7} {'cpu s':>7} {'MB':>5}  bar")
    with tempfile.TemporaryDirectory() as folder:
        for case in (*HERE, *grown(Path(folder))):
            wall, processor, peak = measure(case, runs)
            met = "met" if wall <= case.bar and peak <= MOST_MEGABYTES else "MISSED"
            print(f"{case.name:<40} {wall:>7.3f} {processor:>7.3f} {peak:>5.0f}  {case.bar:g} s {met}")
    print(f"load after: {os.getloadavg()[0]:.1f}; a file of code younger than a minute lets nothing be kept")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
