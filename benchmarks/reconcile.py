"""How long a reconcile takes as a whole process, real Redis, real Postgres, real check: nothing to do, and one change.

Prints medians and says what each covers. Run `python benchmarks/reconcile.py [ROUNDS]`.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from infra.local import Local, running

ROOT = Path(__file__).resolve().parent.parent
BAR_SECONDS = 1.0
COMMAND = [sys.executable, "-m", "ci.main", "reconcile", "--env", "dev"]


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def begin(folder: Path, local: Local) -> None:
    """A repository of this tree's configuration whose dev points at the throwaway servers."""
    shutil.copytree(ROOT / "config", folder / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copy(ROOT / ".gitattributes", folder)
    file = folder / "config" / "environments" / "dev.yaml"
    text = re.sub(
        r"(?m)^(database:\n.*\n)  port: \d+", rf"\g<1>  port: {local.postgres_port}", file.read_text()
    )
    file.write_text(re.sub(r"(?m)^(redis:\n.*\n)  port: \d+", rf"\g<1>  port: {local.redis_port}", text))
    git(folder, "init", "-q", "-b", "main")
    commit(folder)


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change")


def once(folder: Path, state: Path, *words: str, wanted: int) -> tuple[float, float]:
    """Seconds on the wall, and of processor time: the second holds on a machine that others use as well."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start, used = time.perf_counter(), processor_seconds()
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env=environment | {"INTERLOCK_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - start, processor_seconds() - used
    if done.returncode != wanted:
        raise SystemExit(f"exit {done.returncode}, not {wanted}:\n{done.stdout}{done.stderr}")
    return took


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def say(what: str, took: list[tuple[float, float]], bar: float | None = None) -> None:
    wall, used = [each[0] for each in took], [each[1] for each in took]
    against = f"   bar {bar:.2f} s" if bar else ""
    worst = f"worst {max(wall):.3f} s, processor {statistics.median(used):.3f} s"
    print(f"{what:<52} median {statistics.median(wall):.3f} s, {worst}{against}")


def tighten(folder: Path, number: int) -> None:
    file = folder / "config" / "environments" / "dev.yaml"
    file.write_text(
        re.sub(r"max_order_value: \d+\.0", f"max_order_value: {4999 - number}.0", file.read_text())
    )
    commit(folder)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="il-bench-") as place:
        folder, state = Path(place) / "repository", Path(place) / "state"
        folder.mkdir()
        with running(state, databases=("traider_dev",), discard=True) as local:
            begin(folder, local)
            say(
                "first run: roles, schemas, ledger, first snapshot",
                [once(folder, state, "--apply", wanted=0)],
            )
            nothing = [once(folder, state, wanted=0) for _ in range(rounds)]
            say("nothing to do, looking", nothing, BAR_SECONDS)
            say(
                "nothing to do, --apply",
                [once(folder, state, "--apply", wanted=0) for _ in range(rounds)],
                BAR_SECONDS,
            )
            changed = []
            for number in range(rounds):
                tighten(folder, number)
                changed.append(once(folder, state, "--apply", wanted=0))
            say("one lowered limit, --apply: two snapshots, receipt", changed)
    raise SystemExit(0 if statistics.median(each[0] for each in nothing) <= BAR_SECONDS else 1)


if __name__ == "__main__":
    main()
