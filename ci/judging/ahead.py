"""Judges a share of many environments in a child process, so that two cores work; its answer is only ever a head start.

Never decides: what the child loses or garbles is simply judged by the caller.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import BinaryIO

from ci.judging.part_store import packed, unpacked
from policies.parts import Part


class Ahead:
    """A child at work."""

    def __init__(self, work: Callable[[], Mapping[str, Part]]) -> None:
        from tempfile import TemporaryFile

        self._answer: BinaryIO = TemporaryFile()  # noqa: SIM115 - closed by `answer`
        self._child = os.fork()
        if self._child == 0:
            _live(work, self._answer)

    def answer(self) -> dict[str, Part] | None:
        """What the child found; None when it did not come to its end."""
        try:
            _, status = os.waitpid(self._child, 0)
        except ChildProcessError:  # somebody else has reaped it: how it ended is not known
            status = -1
        with self._answer as stream:
            stream.seek(0)
            return unpacked(stream.read()) if status == 0 else None


def _live(work: Callable[[], Mapping[str, Part]], answer: BinaryIO) -> None:
    """The child's whole life; it never returns and runs nothing of its parent's on the way out."""
    code = 1
    try:
        answer.write(packed(work()))
        answer.flush()
        code = 0
    finally:
        os._exit(code)
