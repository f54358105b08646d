"""Measures `interlock check` as whole processes on this repository: medians, processor time and memory.

Bars: 0.25 s and 100 MB; 0.6 s with --base.  Warm page cache and bytecode; says which machine it ran on.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 21
CASES = (
    ("interlock check", ["check"], 0.25),
    ("interlock check --staged", ["check", "--staged"], 0.25),
    ("interlock check --base HEAD", ["check", "--base", "HEAD"], 0.6),
    ("interlock check HEAD --base HEAD~1", ["check", "HEAD", "--base", "HEAD~1"], 0.6),
    ("interlock check --mutate", ["check", "--mutate"], 0.6),
)


def measure(words: list[str]) -> tuple[float, float, float]:
    """Median wall time, median processor time (children included), peak memory in MB."""
    command = [str(Path(sys.executable).parent / "interlock"), *words]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    walls, processors = [], []
    for _ in range(RUNS):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
        walls.append(time.perf_counter() - started)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processors.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert b" rules: " in done.stdout, "the check did not judge"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (
        1 if platform.system() == "Darwin" else 1024
    )
    return (
        statistics.median(walls),
        statistics.median(processors),
        peak / (1024 if platform.system() == "Darwin" else 1),
    )


def main() -> None:
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, {RUNS} runs each"
    )
    print(f"load before: {os.getloadavg()[0]:.1f}")
    print(f"{'command':<40} {'median s':>9} {'cpu s':>7} {'MB':>6}  bar")
    for name, words, bar in CASES:
        wall, processor, peak = measure(words)
        print(
            f"{name:<40} {wall:>9.3f} {processor:>7.3f} {peak:>6.0f}  {bar:g} s {'met' if wall <= bar else 'MISSED'}"
        )


if __name__ == "__main__":
    main()
