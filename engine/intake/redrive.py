"""A refused signal under a new id, so that it can be judged again: every other byte of its values stays.

Never changes a price, a time or a mode: what was stale stays stale.
"""

from __future__ import annotations

import json
import re

from engine.intake.signal_form import SIGNAL_ID
from engine.intake.signal_records import members

_ID = re.compile(SIGNAL_ID)


class NotRedrivableError(ValueError):
    """The payload has no id that could be renewed; its sender must send a new signal."""


def readdressed(payload: bytes, key: str, turn: int) -> tuple[bytes, str]:
    """The payload with a new id in it, and that id; the same letter and turn always give the same id."""
    try:
        found = {name: raw for name, (raw, _) in members(payload.decode()).items()}
        old = json.loads(found["id"])
    except (ValueError, KeyError, RecursionError):
        raise NotRedrivableError("no JSON object with one `id`: ask its sender for a new signal") from None
    renewed = f"{old}.r{turn}"
    if not isinstance(old, str) or not _ID.fullmatch(renewed):
        renewed = f"redrive-{key[:16]}.r{turn}"
    found["id"] = json.dumps(renewed)
    text = ", ".join(f"{json.dumps(name)}: {raw}" for name, raw in found.items())
    return f"{{{text}}}".encode(), renewed
