"""The schema as data: every leaf key with its type and nature, every leaf of a value, and a copy with one leaf changed.

Reads the models only; knows no file and no place.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from config.document import KeyPath
from config.models.nature import Nature
from config.models.section import with_field
from config.record import record, values_reader

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


@record
class _Run:
    """Leaves that stand one after another with nothing free between them: read from a section all at once."""

    paths: tuple[tuple[str, ...], ...]
    values: Callable[[Any], tuple[Any, ...]]
    specs: tuple[FieldSpec, ...]


@record
class _Many:
    """A map or a list, and what each of its entries is: a leaf (`spec`), or a section (`below`)."""

    path: tuple[str, ...]
    values: Callable[[Any], tuple[Any, ...]]
    by_key: bool
    spec: FieldSpec | None
    below: tuple[_Run | _Many, ...]


_PLANS: dict[type[Any], tuple[_Step, ...]] = {}
_READINGS: dict[type[Any], tuple[_Run | _Many, ...]] = {}


def fields_of(cls: type[Any]) -> tuple[FieldSpec, ...]:
    """Every leaf key of a section, in the order of the models."""
    return tuple(_specs(_plan(cls)))


def walk(value: Any) -> Iterator[tuple[KeyPath, Any, FieldSpec]]:
    """Every leaf of a typed document: path, value, spec."""
    return _walk(value, _reading(type(value)), ())


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


def _walk(
    value: Any, reading: tuple[_Run | _Many, ...], prefix: KeyPath
) -> Iterator[tuple[KeyPath, Any, FieldSpec]]:
    for one in reading:
        if isinstance(one, _Run):
            paths = [(*prefix, *path) for path in one.paths] if prefix else one.paths
            yield from zip(paths, one.values(value), one.specs, strict=True)
            continue
        (child,) = one.values(value)
        for key, entry in child.items() if one.by_key else enumerate(child):
            path = (*prefix, *one.path, key)
            if one.spec is not None:
                yield path, entry, one.spec
            else:
                yield from _walk(entry, one.below, path)


def _reading(cls: type[Any]) -> tuple[_Run | _Many, ...]:
    reading = _READINGS.get(cls)
    if reading is None:
        reading = _READINGS[cls] = tuple(_runs(_plan(cls)))
    return reading


def _runs(plan: tuple[_Step, ...]) -> Iterator[_Run | _Many]:
    waiting: list[tuple[tuple[str, ...], FieldSpec]] = []
    for path, step in _flat(plan, ()):
        if step.spec is not None and not step.many:
            waiting.append((path, step.spec))
            continue
        if waiting:
            yield _run(waiting)
        waiting = []
        yield _Many(path, _values([path]), step.many == "keys", step.spec, tuple(_runs(step.below)))
    if waiting:
        yield _run(waiting)


def _run(leaves: list[tuple[tuple[str, ...], FieldSpec]]) -> _Run:
    paths = tuple(path for path, _ in leaves)
    return _Run(paths, _values(paths), tuple(spec for _, spec in leaves))


def _flat(plan: tuple[_Step, ...], prefix: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], _Step]]:
    """The steps that are leaves, maps or lists, with the sections that lead there."""
    for step in plan:
        path = (*prefix, step.name)
        if step.many or step.spec is not None:
            yield path, step
        else:
            yield from _flat(step.below, path)


def _values(paths: Sequence[tuple[str, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    return values_reader([".".join(path) for path in paths])


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
