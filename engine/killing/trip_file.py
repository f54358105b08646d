"""Writing a trip file: visible first, durable second, and even on a full disk.

Never needs a store, a network or Git; its existence alone is the kill.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from config.digest import canonical
from engine.durable import DamagedStateError, sync_folder
from engine.flags.heads import at_text
from engine.kill import trip_name
from engine.killing.kill_record import load


def write_trip(folder: Path, scope: str, *, person: str, reason: str, at: datetime) -> int:
    """Kill `scope` for the engine that owns `folder`; answers the epoch, OSError when nothing could be written."""
    epoch = _next_epoch(folder)
    path = folder / trip_name(scope)
    said = {"epoch": epoch, "scope": scope, "person": person, "reason": reason, "at": at_text(at)}
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(beside, "wb", opener=_private) as stream:
            stream.write(canonical(said) + b"\n")
        os.replace(beside, path)
    except OSError:
        path.touch(mode=0o600)  # any content is a kill, none too
    _sync(path)
    return epoch


def _next_epoch(folder: Path) -> int:
    """One above what the engine keeps; a damaged record costs the number, not the kill."""
    try:
        return load(folder).highest + 1
    except (DamagedStateError, OSError):
        return 1


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(path.parent)
