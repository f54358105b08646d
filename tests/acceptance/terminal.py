"""A person's terminal: `interlock` typed in a clone, as a process of its own or in this one where only words count."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import subprocess
import sys
from pathlib import Path

from ci.main import main
from tests.desk import Desk

INTERLOCK = Path(sys.executable).parent / "interlock"
Done = subprocess.CompletedProcess[str]


class Terminal:
    """Types `interlock` words in a desk's checkout, as a person would."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.root = desk.root

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"INTERLOCK_STATE": str(self.desk.local.state), "NO_COLOR": "1"}

    def __call__(self, *words: str, cwd: Path | None = None, **environment: str) -> Done:
        return subprocess.run(
            [INTERLOCK, *words],
            cwd=cwd or self.root,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def quickly(self, *words: str) -> Done:
        """The same command in this process: same words, same exit code, no start-up."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([words[0], "--state", str(self.desk.local.state), *words[1:]])
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())

    def shell(self, line: str) -> Done:
        """One line of bash in which `interlock` is ours; redirections are the point of it."""
        return subprocess.run(
            ["bash", "-c", line.replace("interlock", shlex.quote(str(INTERLOCK)))],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def file(self, name: str) -> Path:
        return self.root / "config" / name


def assert_sentence(done: Done) -> None:
    """Whatever was said is for people: no traceback, no escape sequence, no wall of text without a line end."""
    for said in (done.stdout, done.stderr):
        assert "Traceback" not in said
        assert "\x1b" not in said
        assert said == "" or said.endswith("\n")
