"""The schema as data: every leaf key with its type and nature, every leaf of a value, and a copy with one leaf changed.

Reads the models only; knows no file and no place.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from collections.abc import Mapping as AnyMapping
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from config.document import KeyPath
from config.models.nature import Nature
from config.models.section import with_field
from config.record import record

ANY = "*"
"""A step of a pattern that stands for any key of a mapping or any item of a list of sections."""


@record
class FieldSpec:
    """One leaf key of the schema: `path_pattern` has `*` where keys are free or items are sections.

    type: the annotation without its nature.  A list of texts is one leaf; a mapping of numbers has one per entry.
    """

    path_pattern: tuple[str, ...]
    name: str
    type: Any
    nature: Nature


@record
class _Step:
    """One field of a section: a leaf (`spec`), or what is below it (`below`), by key, by position or directly."""

    name: str
    many: Literal["", "keys", "items"]
    spec: FieldSpec | None
    below: tuple[_Step, ...]


_PLANS: dict[type[Any], tuple[_Step, ...]] = {}


def fields_of(cls: type[Any]) -> tuple[FieldSpec, ...]:
    """Every leaf key of a section, in the order of the models."""
    return tuple(_specs(_plan(cls)))


def walk(value: Any) -> Iterator[tuple[KeyPath, Any, FieldSpec]]:
    """Every leaf of a typed document: path, value, spec."""
    return _walk(value, _plan(type(value)), ())


def replace_at(value: Any, path: KeyPath, new: Any) -> Any:
    """A copy of `value` with `new` at `path`; nothing is validated.  A key of a mapping may be new."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, AnyMapping):
        return types.MappingProxyType({**value, step: replace_at(value[step] if rest else None, rest, new)})
    if isinstance(value, tuple) and isinstance(step, int):
        return (*value[:step], replace_at(value[step], rest, new), *value[step + 1 :])
    if rest:
        new = replace_at(getattr(value, str(step)), rest, new)
    return with_field(value, str(step), new)


def value_at(value: Any, path: KeyPath) -> Any:
    """What stands at `path`; KeyError when nothing does."""
    for step in path:
        if isinstance(value, AnyMapping):
            value = value[step]
        elif isinstance(value, tuple):
            if not (isinstance(step, int) and 0 <= step < len(value)):
                raise KeyError(step)
            value = value[step]
        elif is_dataclass(value) and isinstance(step, str) and hasattr(value, step):
            value = getattr(value, step)
        else:
            raise KeyError(step)
    return value


def _walk(value: Any, plan: tuple[_Step, ...], prefix: KeyPath) -> Iterator[tuple[KeyPath, Any, FieldSpec]]:
    for step in plan:
        child = getattr(value, step.name)
        path = (*prefix, step.name)
        if not step.many:
            yield from _below(child, step, path)
        elif step.many == "keys":
            for key, entry in child.items():
                yield from _below(entry, step, (*path, key))
        else:
            for at, item in enumerate(child):
                yield from _below(item, step, (*path, at))


def _below(value: Any, step: _Step, path: KeyPath) -> Iterator[tuple[KeyPath, Any, FieldSpec]]:
    if step.spec is not None:
        yield path, value, step.spec
    else:
        yield from _walk(value, step.below, path)


def _specs(plan: tuple[_Step, ...]) -> Iterator[FieldSpec]:
    for step in plan:
        if step.spec is not None:
            yield step.spec
        else:
            yield from _specs(step.below)


def _plan(cls: type[Any]) -> tuple[_Step, ...]:
    plan = _PLANS.get(cls)
    if plan is None:
        plan = _PLANS[cls] = tuple(_steps(cls, ()))
    return plan


def _steps(cls: type[Any], prefix: tuple[str, ...]) -> Iterator[_Step]:
    hints = get_type_hints(cls, include_extras=True)
    for field in fields(cls):
        annotation, nature = _bare(hints[field.name])
        yield _step(field.name, annotation, nature, (*prefix, field.name))


def _step(name: str, annotation: Any, nature: Nature | None, pattern: tuple[str, ...]) -> _Step:
    many: Literal["", "keys", "items"] = ""
    inner = annotation
    if get_origin(annotation) is AnyMapping:
        many, inner, pattern = "keys", get_args(annotation)[1], (*pattern, ANY)
    elif get_origin(annotation) is tuple and is_dataclass(get_args(annotation)[0]):
        many, inner, pattern = "items", get_args(annotation)[0], (*pattern, ANY)
    if is_dataclass(inner):
        return _Step(name, many, None, tuple(_steps(inner, pattern)))  # type: ignore[arg-type]
    if nature is None:
        raise TypeError(f"field {'.'.join(pattern)} declares no nature")
    return _Step(name, many, FieldSpec(pattern, name, inner, nature), ())


def _bare(annotation: Any) -> tuple[Any, Nature | None]:
    if get_origin(annotation) is not Annotated:
        return annotation, None
    inner, *extras = get_args(annotation)
    return inner, next((extra for extra in extras if isinstance(extra, Nature)), None)
