"""Paths of keys as text and back, and the patterns with which rules name the keys they read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from policies.inputs import Path


def dotted(path: Path) -> str:
    """`flags.live_trading_enabled.enabled`."""
    return ".".join(map(str, path))


@cache
def parsed(text: str) -> Path:
    """The path of a dotted text; segments of digits are list positions."""
    return tuple(int(part) if part.isdigit() else part for part in text.split("."))


def covers(pattern: tuple[str, ...], path: Path) -> bool:
    """Whether the pattern names the key or a section above it (`*`: any one segment)."""
    if len(pattern) > len(path):
        return False
    return all(want in ("*", str(have)) for want, have in zip(pattern, path, strict=False))


def patterns(reads: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The `reads` of a rule, split once."""
    return tuple(tuple(one.split(".")) for one in reads)
