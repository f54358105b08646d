"""Paths of keys as text and back, and which rules read which key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from config.document import KeyPath
from policies.inputs import CATALOGUE, Path
from policies.rule import Rule


def dotted(path: KeyPath) -> str:
    """`flags.live_trading_enabled.enabled`."""
    return ".".join(map(str, path))


@cache
def parsed(text: str) -> Path:
    """The path of a dotted text; segments of digits are list positions."""
    return tuple(int(part) if part.isdigit() else part for part in text.split("."))


def covers(pattern: Sequence[str], path: Sequence[str | int]) -> bool:
    """Whether the pattern names the key or a section above it (`*`: any one segment)."""
    if len(pattern) > len(path):
        return False
    for want, have in zip(pattern, path, strict=False):  # noqa: SIM110 - the hottest loop of a run
        if want != have and want not in ("*", str(have)):
            return False
    return True


class Reads:
    """Answers which rules declare to read a key."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = list(rules)
        self._by_lead: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        for number, rule in enumerate(self._rules):
            for text in rule.META.reads:
                pattern = tuple(text.split("."))
                self._by_lead.setdefault(lead(pattern), []).append((number, pattern))
        self._known: dict[Path, list[Rule]] = {}

    def of(self, path: Path) -> list[Rule]:
        """The rules that read this key, or anything below it, in their order."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._find(path)
        return known

    def _find(self, path: Path) -> list[Rule]:
        candidates = self._by_lead.get(lead(path), [])
        if path[0] != CATALOGUE:
            candidates = [*candidates, *self._by_lead.get("*", ())]
        found = {number for number, pattern in candidates if covers(pattern, path) or _below(pattern, path)}
        return [self._rules[number] for number in sorted(found)]


def lead(path: Sequence[str | int]) -> str:
    """What patterns are filed under: the section, or the catalogue file."""
    return f"{path[0]}.{path[1]}" if path[0] == CATALOGUE and len(path) > 1 else str(path[0])


def _below(pattern: tuple[str, ...], path: Path) -> bool:
    """Whether the pattern names something below the entry at `path`."""
    return len(pattern) > len(path) and covers(pattern[: len(path)], path)
