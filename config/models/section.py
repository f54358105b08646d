"""The one form of every typed document: a frozen dataclass without defaults.

Plain checks (`config/reading`) and pydantic (the engine's acceptance, JSON Schemas) read the same declaration.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, fields
from typing import Any, TypeVar, dataclass_transform

from config.record import SHARED, values_reader

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def section(cls: type[T]) -> type[T]:
    """Make `cls` a frozen, keyword-only, slotted dataclass that pydantic reads strictly and without extra keys.

    The methods are shared rather than generated: generating them for every section costs `interlock check` 20 ms.
    """
    made: Any = dataclass(slots=True, kw_only=True, init=False, repr=False, eq=False)(cls)
    names = tuple(field.name for field in fields(made))
    made.__dataclass_params__.frozen = True
    made.__pydantic_config__ = {"strict": True, "extra": "forbid"}
    made.__section_names__ = frozenset(names)
    made.__field_values__ = values_reader(names)
    made.__section_writers__ = {name: vars(made)[name].__set__ for name in names}
    for name, method in _METHODS.items():
        setattr(made, name, method)
    return made  # type: ignore[no-any-return]


def with_field(value: T, name: str, new: object) -> T:
    """A copy of a section with one field changed; several times faster than `dataclasses.replace`."""
    cls: Any = type(value)
    writers = cls.__section_writers__
    if name not in writers:
        raise KeyError(name)
    made: Any = object.__new__(cls)
    for write, old in zip(writers.values(), cls.__field_values__(value), strict=True):
        write(made, old)
    writers[name](made, new)
    return made  # type: ignore[no-any-return]


def _init(self: Any, **values: Any) -> None:
    if values.keys() != self.__section_names__:
        wrong = ", ".join(sorted(values.keys() ^ self.__section_names__))
        raise TypeError(f"{type(self).__name__} takes exactly its fields; missing or unknown: {wrong}")
    writers = self.__section_writers__
    for name, value in values.items():
        writers[name](self, value)


def _setattr(self: Any, name: str, value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _reduce(self: Any) -> tuple[Any, ...]:
    return _rebuilt, (type(self), {field.name: getattr(self, field.name) for field in fields(self)})


def _rebuilt(cls: type[Any], values: dict[str, Any]) -> Any:
    return cls(**values)


_METHODS: dict[str, Any] = {
    **SHARED,
    "__reduce__": _reduce,
    "__init__": _init,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
}
