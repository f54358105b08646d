"""The real engine as a child process: its JSON log lines, and waiting for one of them with a deadline."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

Line = Mapping[str, Any]


class EngineProcess:
    """Runs `interlock engine`; every log line is kept, oldest first."""

    def __init__(self, words: list[str], cwd: Path) -> None:
        self._process = subprocess.Popen(
            words,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: list[Line] = []
        self._errors: list[str] = []
        self._changed = threading.Condition()
        self._readers = (
            threading.Thread(target=self._follow, daemon=True),
            threading.Thread(target=self._follow_errors, daemon=True),
        )
        for reader in self._readers:
            reader.start()

    def lines(self, event: str) -> list[Line]:
        """All lines of this event so far."""
        with self._changed:
            return [line for line in self._lines if line.get("event") == event]

    def count(self) -> int:
        """How many lines there are: a place to wait from."""
        with self._changed:
            return len(self._lines)

    def wait(
        self, event: str, since: int, within: float, where: Callable[[Line], bool] = lambda _: True
    ) -> Line | None:
        """The first `event` after the `since`-th line for which `where` holds, or None after `within` seconds."""
        deadline = monotonic() + within
        with self._changed:
            while True:
                for line in self._lines[since:]:
                    if line.get("event") == event and where(line):
                        return line
                left = deadline - monotonic()
                if left <= 0 or (self._process.poll() is not None and not self._readers[0].is_alive()):
                    return None
                self._changed.wait(min(left, 0.2))

    def stop(self) -> int:
        """Ask the engine to stop (SIGTERM), bounded; its exit code."""
        self._process.terminate()
        try:
            code = self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait(5)
        for reader in self._readers:
            reader.join(5)
        return code

    def last_words(self) -> str:
        """What it said on standard error, for a failed story."""
        return "\n".join(self._errors[-10:])

    def _follow(self) -> None:
        for text in self._process.stdout or ():
            try:
                line = json.loads(text)
            except ValueError:
                line = {"event": "unreadable", "text": text}
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()

    def _follow_errors(self) -> None:
        for text in self._process.stderr or ():
            self._errors.append(text.rstrip("\n"))
