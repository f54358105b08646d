"""Runs one command to its end and says what it cost: wall and processor time, memory of its largest process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_MEGABYTE = 1024 * 1024 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One process and all it waited for."""

    seconds: float
    processor: float
    megabytes: float
    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        """The last thing it said, for the reader of a table."""
        said = (self.err.strip() or self.out.strip()).splitlines()
        return said[-1].strip()[:160] if said else "(nothing)"


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The user's, without what would make a Python child slower or look elsewhere."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return kept | {"NO_COLOR": "1"} | dict(extra)


def run(command: Sequence[str], folder: Path, extra: Mapping[str, str], scratch: Path, limit: float) -> Run:
    """Run it in `folder`; killed with its children after `limit` seconds, which gives a negative exit code."""
    out, err = scratch / "out", scratch / "err"
    with out.open("wb") as to_out, err.open("wb") as to_err:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment(extra), stdout=to_out, stderr=to_err, start_new_session=True
        )
        stop = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        stop.start()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        stop.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    return Run(
        seconds,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / _MEGABYTE,
        process.returncode,
        out.read_text(errors="replace"),
        err.read_text(errors="replace"),
    )
