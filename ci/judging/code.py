"""The digest of the code that judges: reader, models and rules, so that a verdict names what made it.

Never reads the judged tree.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOMS = ("config", "policies")


def code_digest(tool_root: Path) -> str:
    """SHA-256 over every module (and declarative rule) of the judging rooms, in the order of their paths."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for file in sorted((tool_root / room).rglob("*.py")) + sorted(
            (tool_root / room / "rules").rglob("*.yaml")
        ):
            data = file.read_bytes()
            digest.update(f"{file.relative_to(tool_root).as_posix()}\0{len(data)}\0".encode())
            digest.update(data)
    return digest.hexdigest()
