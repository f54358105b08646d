"""Which properties differ between two inputs, down to the leaf, and which of them force a replacement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from infra.facts.replacement import forces_replacement

Kind = Literal["add", "delete", "update"]
_ABSENT = object()


class Difference(NamedTuple):
    """One leaf that differs; the path is Pulumi's: `tags.Name`, `actions[0].type`."""

    path: str
    kind: Kind
    replaces: bool


def differences(type_: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Every leaf that differs, in the order of paths."""
    found = []
    for key in sorted({*before, *after}):
        for path, kind in _leaves(key, before.get(key, _ABSENT), after.get(key, _ABSENT)):
            found.append(Difference(path, kind, forces_replacement(type_, path, after)))
    return found


def _leaves(path: str, before: Any, after: Any) -> Iterator[tuple[str, Kind]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            step = f".{key}" if key.isidentifier() else f'["{key}"]'
            yield from _leaves(path + step, before.get(key, _ABSENT), after.get(key, _ABSENT))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            yield from _leaves(f"{path}[{index}]", _at(before, index), _at(after, index))
    elif before is _ABSENT and after is not _ABSENT:
        yield path, "add"
    elif after is _ABSENT and before is not _ABSENT:
        yield path, "delete"
    elif before != after:
        yield path, "update"


def _at(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else _ABSENT
