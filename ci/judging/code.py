"""The digest of the code that judges: reader, models and rules, so that a verdict names what made it.

Never reads the judged tree.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from config.reading.walk import LIBRARY

ROOMS = ("config", "policies")
SETTLED_SECONDS = 60


def is_code(path: str) -> bool:
    """Whether a file of the judging rooms is code: a module, or a declarative rule."""
    return path.endswith(".py") or (path.startswith("policies/rules/") and path.endswith(".yaml"))


def code_digest(tool_root: Path) -> str:
    """SHA-256 over every module (and declarative rule) of the judging rooms, in the order of their paths."""
    return _digest(_files(tool_root, ROOMS))


def settled_digest(tool_root: Path, now: datetime) -> str | None:
    """The digest of all that makes a part of a verdict, the interpreter included.

    None when a file is so new that this process may have imported what stood there before.
    """
    files = _files(tool_root, (*ROOMS, "ci/judging"))
    if any(file.stat().st_mtime > now.timestamp() - SETTLED_SECONDS for file in files.values()):
        return None
    told = (_digest(files), sys.version, sys.platform, LIBRARY)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _files(tool_root: Path, rooms: Sequence[str]) -> dict[str, Path]:
    found = {
        file.relative_to(tool_root).as_posix(): file
        for room in rooms
        for file in (tool_root / room).rglob("*")
        if file.suffix in (".py", ".yaml")
    }
    return {path: found[path] for path in sorted(filter(is_code, found))}


def _digest(files: Mapping[str, Path]) -> str:
    digest = hashlib.sha256()
    for path, file in files.items():
        data = file.read_bytes()
        digest.update(f"{path}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()
