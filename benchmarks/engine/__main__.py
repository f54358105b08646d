"""The engine's bars in one run: the same 100,000 bars through Interlock and its peers, latency under load, kill.

The rule, the generator and the configuration are those of the engine's specification; peers are installed at pinned
versions into the user's cache, or named with a reason and left out. Runs are interleaved, figures are medians of whole
processes; bars a second are of processor time, because a busy machine stretches the wall's. The report
says what is not equal.

Run `python -m benchmarks.engine [--runs N] [--seconds S] [--python INTERPRETER] [--format markdown|json]`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.engine import install, report
from benchmarks.engine.bars import write_csv

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PEERS = {
    "backtesting.py": "backtesting_py.py",
    "backtrader": "backtrader_py.py",
    "nautilus_trader": "nautilus.py",
}


def commands(peers: str | None, csv: Path) -> dict[str, list[str]]:
    """What runs, by name."""
    ours = [sys.executable, "-m", "benchmarks.engine.ours"]
    found = {report.OURS: ours, report.OURS_CSV: [*ours, str(csv)]}
    if peers is not None:
        found |= {name: [peers, str(HERE / "peers" / file), str(HERE)] for name, file in PEERS.items()}
    return found


def last_line(command: list[str]) -> dict[str, Any] | str:
    """The JSON a program ends with, or why there is none."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no word"])[-1][:100]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def replays(peers: str | None, runs: int) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Medians by name, and who was left out with the reason."""
    answers: dict[str, list[dict[str, Any]]] = {}
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="interlock-engine-") as folder:
        csv = Path(folder) / "SIM.csv"
        write_csv(csv)
        for _ in range(runs):
            for name, command in commands(peers, csv).items():
                answer = missing.get(name) or last_line(command)
                if isinstance(answer, str):
                    missing[name] = answer
                else:
                    answers.setdefault(name, []).append(answer)
    figures = ("seconds", "cpu", "peak_mb")
    return {
        name: told[0] | {key: statistics.median(one[key] for one in told) for key in figures}
        for name, told in answers.items()
    }, missing


def kills() -> str:
    """What the benchmark of the kill says, as it says it."""
    done = subprocess.run(
        [sys.executable, "benchmarks/kill.py", "50"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.stdout.strip() or f"left out: {(done.stderr.strip().splitlines() or ['no word'])[-1][:100]}"


def main(words: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--runs", type=int, default=5, help="runs of every engine")
    parser.add_argument("--seconds", type=int, default=60, help="of load, 0 for none")
    parser.add_argument("--python", help="interpreter that has the peers")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-kill", action="store_true")
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown")
    chosen = parser.parse_args(words)
    peers, missing = chosen.python, {}
    if peers is None and not chosen.no_peers:
        try:
            peers = str(install.interpreter())
        except (RuntimeError, OSError) as why:
            missing["peers"] = str(why)
    found: dict[str, Any] = {"machine": report.machine(), "runs": chosen.runs}
    found["replays"], left_out = replays(peers, chosen.runs)
    found["missing"] = missing | left_out
    if chosen.seconds:
        load = ["-m", "benchmarks.engine.latency", "--seconds", str(chosen.seconds), "--format", "json"]
        found["latency"] = last_line([sys.executable, *load])
    if not chosen.no_kill:
        found["kill"] = kills()
    print(json.dumps(found, indent=2) if chosen.format == "json" else report.markdown(found))
    return 0 if report.OURS in found["replays"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
