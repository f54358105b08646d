"""Keys below `ff:{env}:` that nobody published: found, and removed only if they are still what was seen.

Never touches kills, latches, the log or what engines report of themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

import redis

_COMPARE_AND_DELETE = """
if redis.call('DUMP', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""
_LEFT_ALONE = ("head", "kill", "log", "engines", "latch:", "engine:", "hint")


@dataclass(frozen=True, slots=True)
class Foreign:
    """One key that must not be there, why, and the bytes it was seen with."""

    key: str
    why: str
    seen: bytes


def find_foreign(
    client: redis.Redis, environment: str, digests: Collection[str], head: str
) -> tuple[Foreign, ...]:
    """Every foreign key, sorted; `digests`: snapshots the ledger knows, `head`: the one the head names."""
    prefix = prefix_of(environment)
    found = []
    for raw in client.scan_iter(match=f"{prefix}*", count=500):
        key = cast(bytes, raw).decode(errors="backslashreplace")
        why = _why_foreign(client, raw, key.removeprefix(prefix), digests, head)
        seen = client.dump(raw) if why else None
        if seen is not None:
            found.append(Foreign(key, why, seen))
    return tuple(sorted(found, key=lambda foreign: foreign.key))


def remove(client: redis.Redis, foreign: Foreign) -> bool:
    """Delete the key if its bytes are still those that were judged."""
    return bool(cast(Any, client.eval(_COMPARE_AND_DELETE, 1, foreign.key, foreign.seen)))


def prefix_of(environment: str) -> str:
    """The one prefix (and cluster slot) of all keys of an environment."""
    return f"ff:{{{environment}}}:"


def _why_foreign(client: redis.Redis, raw: bytes, name: str, digests: Collection[str], head: str) -> str:
    if not name.startswith("snap:"):
        is_known = any(
            name == known or (known[-1] == ":" and name.startswith(known)) for known in _LEFT_ALONE
        )
        return "" if is_known else "no part of ours writes this key"
    digest = name.removeprefix("snap:")
    if digest not in digests:
        return "the ledger names no such snapshot"
    if digest == head:
        return ""  # the head's own snapshot is judged, and healed, with the head
    data = client.get(raw) if client.type(raw) == b"string" else b""
    is_whole = hashlib.sha256(cast(bytes, data or b"")).hexdigest() == digest
    return "" if is_whole else "its bytes are not what its name says"
