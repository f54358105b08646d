"""One JSON object per line for whoever watches a running program; the last line is the command's answer.

Never blocks the program: lines are written by a thread of their own, and dropped only when nobody reads any more.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TextIO

from ci.output.document import Document

LONGEST_QUEUE = 100_000


def render(document: Document, *, colour: bool) -> str:
    """The answer as the last line."""
    answer = {"event": "stopped", "schema": document.schema, "exit_code": document.exit_code}
    return _line({**answer, "reason": document.summary, **document.facts})


class LineLog:
    """Writes `{"at": ..., "event": ..., ...}` lines in the order they were said."""

    def __init__(self, now: Callable[[], datetime], stream: TextIO | None = None) -> None:
        self._now = now
        self._stream = stream or sys.stdout
        self._waiting: queue.Queue[str | None] = queue.Queue(LONGEST_QUEUE)
        self._thread = threading.Thread(target=self._write, name="log-lines", daemon=True)
        self._thread.start()

    def __call__(self, event: str, facts: Mapping[str, Any]) -> None:
        """Say one thing."""
        said = {"at": self._now().isoformat().replace("+00:00", "Z"), "event": event, **facts}
        try:
            self._waiting.put_nowait(_line(said))
        except queue.Full:
            return

    def close(self) -> None:
        """Write what was said so far."""
        self._waiting.put(None)
        self._thread.join(5)

    def _write(self) -> None:
        while (line := self._waiting.get()) is not None:
            try:
                self._stream.write(line)
                if self._waiting.empty():
                    self._stream.flush()
            except (OSError, ValueError):  # the reader went away; trading does not depend on it
                continue


def _line(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=True, separators=(",", ":"), default=str) + "\n"
