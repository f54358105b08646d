"""What changed between two desired states, key by key, with the direction of each.

Never judges a change: rules do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime, tzinfo

from config.models.catalogue import Catalogue
from config.schema_walk import FieldSpec, walk
from policies.direction import direction
from policies.inputs import CATALOGUE, MISSING, Change, KeyChange, Path, State


def changes(
    before: Mapping[str, State],
    after: Mapping[str, State],
    was: Catalogue,
    now: Catalogue,
    as_of: datetime,
    zone: tzinfo = UTC,
) -> Iterator[Change]:
    """One change per environment that differs (added and removed ones too), and one for the catalogue."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        keys = tuple(_of_states(old, new, now))
        if keys:
            yield Change(name, old, new, keys, as_of, zone)
    if was != now:
        yield Change(CATALOGUE, None, None, tuple(of_catalogues(was, now)), as_of, zone, was, now)


def _of_states(old: State | None, new: State | None, catalogue: Catalogue) -> Iterator[KeyChange]:
    if old is not None and new is not None and old.environment == new.environment:
        return
    specs = {**(old.specs if old else {}), **(new.specs if new else {})}
    yield from _of_leaves(old.leaves if old else {}, new.leaves if new else {}, specs, catalogue)


def of_catalogues(was: Catalogue, now: Catalogue) -> Iterator[KeyChange]:
    """The keys of the catalogue files that differ, their paths led by `catalogue`; equal files are not walked."""
    for part in fields(Catalogue):
        before, after = getattr(was, part.name), getattr(now, part.name)
        if before is not after and before != after:
            old, old_specs = part_leaves(part.name, before)
            new, new_specs = part_leaves(part.name, after)
            yield from _of_leaves(old, new, {**old_specs, **new_specs}, now, was)


def part_leaves(name: str, part: object) -> tuple[dict[Path, object], dict[Path, FieldSpec]]:
    """Every key of one catalogue file."""
    leaves: dict[Path, object] = {}
    specs: dict[Path, FieldSpec] = {}
    for path, value, spec in walk(part):
        leaves[CATALOGUE, name, *path] = value
        specs[CATALOGUE, name, *path] = spec
    return leaves, specs


def catalogue_leaves(catalogue: Catalogue) -> tuple[dict[Path, object], dict[Path, FieldSpec]]:
    """Every key of the catalogue files."""
    leaves: dict[Path, object] = {}
    specs: dict[Path, FieldSpec] = {}
    for part in fields(Catalogue):
        some_leaves, some_specs = part_leaves(part.name, getattr(catalogue, part.name))
        leaves.update(some_leaves)
        specs.update(some_specs)
    return leaves, specs


def _of_leaves(
    old: Mapping[Path, object],
    new: Mapping[Path, object],
    specs: Mapping[Path, FieldSpec],
    catalogue: Catalogue,
    was: Catalogue | None = None,
) -> Iterator[KeyChange]:
    for path in {**old, **new}:
        before, after = old.get(path, MISSING), new.get(path, MISSING)
        if before == after and type(before) is type(after):
            continue
        nature = specs[path].nature
        knows = was if was is not None and after is MISSING else catalogue
        yield KeyChange(path, before, after, direction(path, before, after, nature, knows), nature)
