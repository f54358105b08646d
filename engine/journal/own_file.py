"""Opening a file that nobody else may write: a plain one, of this user, under one name; anything else is refused.

Never follows a link, never blocks on a pipe, and never changes what it refuses.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from engine.journal.errors import JournalRefusedError

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def open_own(path: Path, flags: int) -> int:
    """A descriptor, the file made where it was missing; JournalRefusedError names what is odd, OSError what failed."""
    try:
        fd = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise JournalRefusedError(f"{path} is a symbolic link; put the file itself there") from None
        raise
    if odd := _odd(os.fstat(fd)):
        os.close(fd)
        raise JournalRefusedError(f"{path} {odd}")
    return fd


def _odd(facts: os.stat_result) -> str:
    if not stat.S_ISREG(facts.st_mode):
        return "is no plain file; move it away"
    if facts.st_uid != os.geteuid():
        return f"belongs to user {facts.st_uid}, this engine runs as user {os.geteuid()}; run it as its owner"
    if facts.st_nlink > 1:
        return f"has {facts.st_nlink} names (hard links), so somebody else may write it; copy it and remove the others"
    if facts.st_mode & _OTHERS_WRITE:
        return f"may be written by others (mode {stat.S_IMODE(facts.st_mode):o}); `chmod 600` it after a look"
    return ""
