"""Types `interlock` and its friends as a person would: real child processes, output kept, time taken."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

INTERLOCK = (sys.executable, "-P", "-m", "ci.main")  # -P: never import from the folder we stand in
_BOUND_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said, how it ended and how long it took."""

    code: int
    out: str
    err: str
    seconds: float

    def json(self) -> dict[str, Any]:
        """The answer of a command called with `--format json`."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def interlock(words: list[str], cwd: Path, state: Path) -> Answer:
    """Run one verb in `cwd` with its own state folder."""
    started = perf_counter()
    done = subprocess.run(
        [*INTERLOCK, words[0], "--state", str(state), *words[1:]],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_BOUND_SECONDS,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr, perf_counter() - started)
