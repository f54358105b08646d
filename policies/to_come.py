"""Keys whose rules are not written yet: their survivors are listed and do not fail; this list shrinks to nothing."""

from __future__ import annotations

_MOVES = "rules about moving what an environment stands on"

TO_COME: dict[str, str] = {
    "environment": "a rule about names",
    "url": _MOVES,
    "database": _MOVES,
    "redis": _MOVES,
    "service": "rules about sizes",
    "secrets": _MOVES,
    "infrastructure": "rules about the infrastructure section",
}
"""Dotted key, or section above it: what will judge it."""
