"""The engine's sign of life for its supervisor: a small file that changes while the loop goes round, or says it ended.

Never durable on purpose: after a power loss nobody's heart beats.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

FILE = "heartbeat"


def beat(folder: Path, count: int) -> None:
    """Say that the loop went round, so that its silence means something."""
    _write(folder, {"pid": os.getpid(), "count": count})


def rest(folder: Path) -> None:
    """Say that the engine ended on purpose, its journal closed: silence means nothing from now on."""
    _write(folder, {"pid": os.getpid(), "ended": True})


def is_resting(content: bytes) -> bool:
    """Whether this sign of life says that the engine ended on purpose; what cannot be read does not."""
    try:
        said = json.loads(content)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("ended") is True


def _write(folder: Path, said: dict[str, object]) -> None:
    path = folder / FILE
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(said), encoding="ascii")
    temporary.replace(path)
