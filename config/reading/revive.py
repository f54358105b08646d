"""Plain values become typed sections again, without YAML: for values this tool itself wrote and sealed.

Never judges: a value that does not fit raises, and the caller reads the file itself instead.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from collections.abc import Mapping as AnyMapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

Reviver = Callable[[Any], Any]
_REVIVERS: dict[type[Any], Reviver] = {}


def flat(value: Any) -> Any:
    """A typed value as JSON carries it, decimals digit by digit as they were written."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, AnyMapping):
        return {key: flat(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [flat(item) for item in value]
    if is_dataclass(value):
        return {field.name: flat(getattr(value, field.name)) for field in fields(value)}
    return value


def reviver_of(cls: type[Any]) -> Reviver:
    """What makes a `cls` of `plain(value)`, made once."""
    reviver = _REVIVERS.get(cls)
    if reviver is None:
        reviver = _REVIVERS[cls] = _section(cls)
    return reviver


def _section(cls: type[Any]) -> Reviver:
    hints = get_type_hints(cls, include_extras=True)
    plan = [(field.name, _reviver(hints[field.name])) for field in fields(cls)]
    same = [name for name, revive in plan if revive is None]
    changed = [(name, revive) for name, revive in plan if revive is not None]

    def revive(value: Any) -> Any:
        made = {name: value[name] for name in same}
        for name, revive_field in changed:
            made[name] = revive_field(value[name])
        if len(value) != len(plan):
            raise ValueError("a plain value with other keys than its section")
        return cls(**made)

    return revive


def _reviver(annotation: Any) -> Reviver | None:
    """What turns the plain form of this type back; None when it is the plain form already."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _reviver(get_args(annotation)[0])
    if annotation is Decimal:
        return Decimal
    if origin in (Union, types.UnionType):
        return _union(get_args(annotation))
    if origin is tuple:
        item = _reviver(get_args(annotation)[0])
        return tuple if item is None else lambda value: tuple([item(one) for one in value])
    if origin is AnyMapping:
        return _mapping(_reviver(get_args(annotation)[1]))
    return reviver_of(annotation) if isinstance(annotation, type) and is_dataclass(annotation) else None


def _union(members: tuple[Any, ...]) -> Reviver | None:
    if Decimal in members and str not in members:
        return lambda value: Decimal(value) if isinstance(value, str) else value
    (only,) = (member for member in members if member is not types.NoneType)
    revive = _reviver(only)
    return None if revive is None else lambda value: None if value is None else revive(value)


def _mapping(revive: Reviver | None) -> Reviver:
    if revive is None:
        return lambda value: types.MappingProxyType(value)
    return lambda value: types.MappingProxyType({key: revive(entry) for key, entry in value.items()})
