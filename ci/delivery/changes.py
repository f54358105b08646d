"""Which keys of an environment a release changes, and which way each leads."""

from __future__ import annotations

from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.schema_walk import walk
from policies.direction import direction
from policies.inputs import CATALOGUE, MISSING, Direction, KeyChange


def key_changes(
    before: Environment | None, after: Environment, catalogue: Catalogue
) -> tuple[KeyChange, ...]:
    """Every key whose value differs, flags first, then by path; without `before` only what flags open."""
    old = {path: value for path, value, _ in walk(before)} if before is not None else {}
    new = {path: (value, spec.nature) for path, value, spec in walk(after)}
    natures = {path: spec.nature for path, _, spec in walk(before)} if before is not None else {}
    found = []
    for path in sorted(
        set(old) | set(new), key=lambda path: (path[0] != "flags", [str(part) for part in path])
    ):
        was = old.get(path, MISSING)
        now, nature = new.get(path, (MISSING, natures.get(path)))
        if was != now and (before is not None or path[0] == "flags"):
            found.append(KeyChange(path, was, now, direction(path, was, now, nature, catalogue), nature))
    return tuple(found)


def leads_beyond_flags(changes: tuple[KeyChange, ...], way: Direction) -> bool:
    """Whether a key that is no flag leads this way; flags are judged by their snapshots."""
    return any(change.direction == way and not _is_flag(change) for change in changes)


def _is_flag(change: KeyChange) -> bool:
    return change.path[0] == "flags" or change.path[:2] == (CATALOGUE, "flags")
