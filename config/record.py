"""The form of small values that are made once and never change: frozen dataclasses whose methods are shared.

Behaves like `dataclass(frozen=True, slots=True)`; generating the methods of each class costs a check 10 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make `cls` a frozen, slotted dataclass; what it says of itself (`__eq__`...) stays."""
    own = vars(cls)
    made: Any = dataclass(frozen=True, slots=True, repr=False, eq=False)(cls)
    made.__field_values__ = values_reader([one.name for one in fields(made)])
    for name, method in SHARED.items():
        if name not in own:
            setattr(made, name, method)
    return made  # type: ignore[no-any-return]


def values_reader(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads these fields (or fields below them, dotted) of a value, as a tuple."""
    if len(names) > 1:
        return staticmethod(attrgetter(*names))
    read_all = [attrgetter(name) for name in names]
    return staticmethod(lambda value: tuple([read(value) for read in read_all]))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self))
    return f"{type(self).__qualname__}({shown})"


def _eq(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return self.__field_values__(self) == self.__field_values__(other)


def _hash(self: Any) -> int:
    return hash(self.__field_values__(self))


SHARED: dict[str, Any] = {"__repr__": _repr, "__eq__": _eq, "__hash__": _hash}
"""The methods every record and every section has."""
