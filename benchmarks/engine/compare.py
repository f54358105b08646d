"""One table: the same 100,000 bars and rule through Interlock and its peers, medians of whole processes, interleaved.

Run as `python -m benchmarks.engine.compare [--python INTERPRETER_WITH_PEERS] [--runs N]`. Peers whose package is
missing are named and left out. Seconds are those of the run, without reading the bars (but for the CSV row).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COUNT = 100_000


def contestants(python: str) -> dict[str, list[str]]:
    ours = [sys.executable, "-m", "benchmarks.engine.ours"]
    return {
        "interlock": [*ours, "memory"],
        "interlock, CSV included": [*ours, "csv"],
        "backtesting.py": [python, str(HERE / "peers" / "backtesting_py.py"), str(HERE)],
        "backtrader": [python, str(HERE / "peers" / "backtrader_py.py"), str(HERE)],
    }


def once(command: list[str]) -> dict[str, Any] | str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        return done.stderr.strip().splitlines()[-1][:100]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the peers")
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    runs: dict[str, list[dict[str, Any]]] = {}
    for _ in range(chosen.runs):
        for name, command in contestants(chosen.python).items():
            answer = once(command)
            if isinstance(answer, str):
                print(f"{name}: left out, {answer}")
            else:
                runs.setdefault(name, []).append(answer)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, load {load}"
    )
    print(f"{'engine':26} {'trades':>7} {'net':>9} {'wall s':>8} {'CPU s':>8} {'bars/s (CPU)':>13}")
    for name, answers in runs.items():
        wall = statistics.median(answer["seconds"] for answer in answers)
        cpu = statistics.median(answer["cpu"] for answer in answers)
        first = answers[0]
        print(
            f"{name:26} {first['trades']:>7} {first['net']!s:>9} {wall:>8.3f} {cpu:>8.3f} {COUNT / cpu:>13,.0f}"
        )


if __name__ == "__main__":
    main()
