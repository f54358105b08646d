"""How far the ledger reached when this machine last looked, kept outside it: a cut tail cannot hide.

Never moves backward by itself; whoever restores an older ledger must remove the file and say so.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ci.delivery.ledger import Head


def file_of(state: Path, environment: str) -> Path:
    """Where the head of this environment's ledger is kept."""
    return state / environment / "ledger_head"


def load(state: Path, environment: str) -> Head | None:
    """The head seen last, None when this machine never looked."""
    try:
        seen = json.loads(file_of(state, environment).read_text(encoding="ascii"))
        return Head(int(seen["seq"]), str(seen["hash"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError):
        return Head(0, "unreadable")


def keep(state: Path, environment: str, head: Head) -> None:
    """Remember `head` whole or not at all, on disk before this returns."""
    file = file_of(state, environment)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        json.dump({"seq": head.seq, "hash": head.hash}, out)
        out.flush()
        os.fsync(out.fileno())
    os.replace(draft, file)
