"""Which way a changed key leads: tighten, neutral or loosen; told from the key's own nature, never from the caller.

Three kinds of keys get their direction from a neighbour instead: flags from their safe value, thresholds from the side
on which they fire, bounds from the side that passes.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from config.models.catalogue import Catalogue
from config.models.nature import Nature, Safe
from policies.inputs import CATALOGUE, MISSING, Direction, KeyChange, Path

_RISK = {"loosen": 2, "neutral": 1, "tighten": 0}


def direction(
    path: Path, before: object, after: object, nature: Nature | None, catalogue: Catalogue
) -> Direction:
    """How the change of one key moves risk; `MISSING` stands for a key that is not there."""
    if before == after:
        return "neutral"
    safe = safe_direction(path, nature, catalogue)
    if safe is Safe.NONE or nature is None:
        return "neutral"
    if before is MISSING:
        return _added(path, after, safe, catalogue)
    if after is MISSING:
        return _removed(path, before, safe, catalogue)
    if safe in (Safe.TRUE, Safe.FALSE):
        return "tighten" if after is (safe is Safe.TRUE) else "loosen"
    if safe in (Safe.SHRINK, Safe.GROW):
        return _as_sets(before, after, safe)
    return _as_numbers(_rank(before, nature), _rank(after, nature), safe)


def safe_direction(path: Path, nature: Nature | None, catalogue: Catalogue) -> Safe:
    """The safe direction of a key, looked up at its neighbour where the nature says so."""
    if path[0] == "flags" and len(path) == 3:
        return _of_flag(str(path[1]), str(path[2]), catalogue)
    if path[0] == CATALOGUE:
        return _of_catalogue(path[1:], nature, catalogue)
    return nature.safe if nature is not None else Safe.NONE


def _of_flag(key: str, part: str, catalogue: Catalogue) -> Safe:
    flag = catalogue.flags.flags.get(key)
    safe_when_on = flag is not None and flag.safe
    if part == "enabled":
        return Safe.TRUE if safe_when_on else Safe.FALSE
    if part == "accounts":
        return Safe.GROW if safe_when_on else Safe.SHRINK
    return Safe.HIGHER if safe_when_on else Safe.LOWER


def _of_catalogue(path: Path, nature: Nature | None, catalogue: Catalogue) -> Safe:
    if path[:2] == ("alerts", "alerts") and path[-1] == "threshold":
        alert = catalogue.alerts.alerts.get(str(path[2]))
        return Safe.LOWER if alert is None or alert.fires_when == "above" else Safe.HIGHER
    if path[0] == "rollouts" and path[-1] == "value":
        return _of_bound(path, catalogue)
    return nature.safe if nature is not None else Safe.NONE


def _of_bound(path: Path, catalogue: Catalogue) -> Safe:
    _, _, ladder, _, step, where, index, _ = path
    try:
        bound = getattr(catalogue.rollouts.ladders[str(ladder)].steps[int(step)], str(where))[int(index)]
    except (KeyError, IndexError):
        return Safe.LOWER
    return Safe.HIGHER if bound.must_be == "at_least" else Safe.LOWER


def _added(path: Path, value: object, safe: Safe, catalogue: Catalogue) -> Direction:
    """A key that appears: a flag counts from its safe value, a set from the empty one, all else loosens."""
    if safe in (Safe.TRUE, Safe.FALSE):
        return "neutral" if value is (safe is Safe.TRUE) else "loosen"
    if isinstance(value, tuple):
        return "neutral" if not value or safe is Safe.GROW else "loosen"
    if path[0] == "flags" and isinstance(value, Decimal):
        return "neutral" if value == (0 if safe is Safe.LOWER else 100) else "loosen"
    return "loosen"


def _removed(path: Path, value: object, safe: Safe, catalogue: Catalogue) -> Direction:
    """A key that disappears: it gives up what it opened; what it guarded (an alert, a bound) is gone."""
    if path[0] == CATALOGUE and path[1] != "venues":
        return "loosen"
    return "tighten" if _added(path, value, safe, catalogue) == "loosen" else "neutral"


def _as_sets(before: object, after: object, safe: Safe) -> Direction:
    old, new = set(_items(before)), set(_items(after))
    if old == new:
        return "neutral"
    grown, shrunk = bool(new - old), bool(old - new)
    if safe is Safe.SHRINK:
        return "loosen" if grown else "tighten"
    return "loosen" if shrunk else "tighten"


def _items(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _rank(value: object, nature: Nature) -> Decimal | int | None:
    """A number to compare by; None is the absence of a bound."""
    if isinstance(value, str):
        return nature.order.index(value) if value in nature.order else len(nature.order)
    return value if isinstance(value, Decimal | int) else None


def _as_numbers(before: Decimal | int | None, after: Decimal | int | None, safe: Safe) -> Direction:
    if before is None or after is None:  # no bound at all is the riskiest bound
        return "loosen" if after is None else "tighten"
    lower = after < before
    return "tighten" if lower is (safe is Safe.LOWER) else "loosen"


def riskiest(changes: Iterable[KeyChange]) -> Direction:
    """A change is classed by its riskiest key; nothing changed is neutral."""
    return max((change.direction for change in changes), key=_RISK.__getitem__, default="neutral")
