"""A file from outside, read whole: a regular file of sane size, or a sentence that says what it is instead.

Never waits for a pipe that nobody writes, and never reads what would not fit into memory.
"""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG

MARK = "\ufeff"


class UnreadableError(ValueError):
    """The place and what is wrong: `FILE: no regular file`, `FILE:2:7: not UTF-8`."""


def whole_file(path: Path, largest: int) -> bytes:
    """All of it."""
    try:
        facts = path.stat()
        if S_ISREG(facts.st_mode) and facts.st_size <= largest:
            return path.read_bytes()
    except (OSError, ValueError) as failure:  # ValueError: a NUL in the name
        reason = failure.strerror if isinstance(failure, OSError) else failure
        raise UnreadableError(f"{path}: {reason}") from failure
    if not S_ISREG(facts.st_mode):
        raise UnreadableError(f"{path}: no regular file")
    raise UnreadableError(f"{path}: {facts.st_size} bytes, {largest} at most")


def whole_text(path: Path, largest: int) -> str:
    """All of it as UTF-8 without a byte order mark."""
    data = whole_file(path, largest)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as failure:
        before = data[: failure.start]
        line, column = before.count(b"\n") + 1, failure.start - before.rfind(b"\n")
        raise UnreadableError(f"{path}:{line}:{column}: not UTF-8") from failure
    if text.startswith(MARK):
        raise UnreadableError(f"{path}:1:1: begins with a byte order mark; save it as plain UTF-8")
    return text
