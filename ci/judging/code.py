"""The digest of the code that judges: reader, models and rules, so that a verdict names what made it.

Never reads the judged tree.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOMS = ("config", "policies")


def is_code(path: str) -> bool:
    """Whether a file of the judging rooms is code: a module, or a declarative rule."""
    return path.endswith(".py") or (path.startswith("policies/rules/") and path.endswith(".yaml"))


def code_digest(tool_root: Path) -> str:
    """SHA-256 over every module (and declarative rule) of the judging rooms, in the order of their paths."""
    digest = hashlib.sha256()
    files = {
        file.relative_to(tool_root).as_posix(): file
        for room in ROOMS
        for file in (tool_root / room).rglob("*")
        if file.suffix in (".py", ".yaml")
    }
    for path in sorted(filter(is_code, files)):
        data = files[path].read_bytes()
        digest.update(f"{path}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()
