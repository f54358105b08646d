"""Reads the second half of many files in a child process, so that two cores work; the answer is only ever a head start.

Never decides: what the child refuses, loses or garbles is simply read again by the caller.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any, BinaryIO, Final

from config.document import Document
from config.reading.read import read_document
from config.reading.revive import flat
from config.tree import Blob

WORTH_IT: Final = 400
"""Fewer files are read sooner than a child is started."""

Case = tuple[str, str, Blob, type[Any]]
"""A name for the answer, the file, its bytes and its type."""


class Ahead:
    """A child at work on its share of the cases; `answers()` waits for it."""

    def __init__(self, cases: Sequence[Case]) -> None:
        from tempfile import TemporaryFile

        self._answers: BinaryIO = TemporaryFile()  # noqa: SIM115 - closed by `answers`
        self._child = os.fork()
        if self._child == 0:
            _work(cases, self._answers)

    def answers(self) -> dict[str, str]:
        """The values the child read, by the names of their cases, as `revive` takes them."""
        try:
            _, status = os.waitpid(self._child, 0)
        except ChildProcessError:  # somebody else has reaped it: how it ended is not known
            status = -1
        with self._answers as stream:
            stream.seek(0)
            text = stream.read().decode("utf-8", "replace") if status == 0 else ""
        return dict(line.split(" ", 1) for line in text.split("\n") if " " in line)


def _work(cases: Sequence[Case], answers: BinaryIO) -> None:
    """The child's whole life; it never returns and runs nothing of its parent's on the way out."""
    code = 1
    try:
        for name, file, blob, cls in cases:
            document = read_document(file, blob, cls)
            if isinstance(document, Document):
                answers.write(f"{name} {json.dumps(flat(document.value), separators=(',', ':'))}\n".encode())
        answers.flush()
        code = 0
    finally:
        os._exit(code)
