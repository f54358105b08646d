"""Nodes become frozen sections: one plain check per field, derived once per class from its annotations.

Strict: no key missing, none unknown, no conversion, no default; what crosses fields is judged by rules, not here.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from collections.abc import Mapping as AnyMapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from config.models.nature import Nature, Safe
from config.reading.nodes import Mapping, Node, Scalar, Sequence
from config.reading.problem import Problem, clip
from config.reading.scalars import (
    Reader,
    read_bool,
    read_choice,
    read_decimal,
    read_int,
    read_number,
    read_text,
    refuse,
    shown,
)

_SUGGESTED = 20
_NO_NATURE = Nature("", Safe.NONE, why="not declared")


_READERS: dict[type[Any], Reader] = {}


def reader_of(cls: type[Any]) -> Reader:
    """The reader of a section, made once."""
    reader = _READERS.get(cls)
    if reader is None:
        reader = _READERS[cls] = _section(cls)
    return reader


def _section(cls: type[Any]) -> Reader:
    hints = get_type_hints(cls, include_extras=True)
    plan = {field.name: _reader(hints[field.name], field.name) for field in fields(cls)}
    steps = [(name, read_field, vars(cls)[name].__set__) for name, read_field in plan.items()]

    def read(node: Node, problems: list[Problem]) -> Any:
        if type(node) is not Mapping:
            refuse(
                "CFG003", node, f"expected keys and values, found {shown(node)}", _keys_wanted(plan), problems
            )
            return None
        entries = node.entries
        if entries.keys() != plan.keys():
            _judge_keys(node, plan, problems)
            for name in entries.keys() & plan.keys():
                plan[name](entries[name][1], problems)
            return None
        made = object.__new__(cls)
        for name, read_field, write in steps:
            write(made, read_field(entries[name][1], problems))
        return made

    return read


def _keys_wanted(plan: dict[str, Reader]) -> str:
    return "write the keys " + ", ".join(f"`{name}`" for name in plan)


def _judge_keys(node: Mapping, plan: dict[str, Reader], problems: list[Problem]) -> None:
    missing = [name for name in plan if name not in node.entries]
    head = next(iter(node.entries.values()))[0] if node.entries else node
    for name in missing:
        message = f"missing key `{name}`"
        way_out = "write it; nothing is inherited and nothing has a default"
        problems.append(Problem("CFG002", head.start_mark, head.end_mark, message, way_out, id(node), name))
    unknown = [entry for name, entry in node.entries.items() if name not in plan]
    for at, (key, value) in enumerate(unknown):
        way_out = _meant(key.value, missing or list(plan)) if at < _SUGGESTED else "remove it"
        problems.append(
            Problem(
                "CFG001", key.start_mark, key.end_mark, f"unknown key `{clip(key.value)}`", way_out, id(value)
            )
        )


def _meant(word: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word[:64], known, n=1)
    return f"did you mean `{close[0]}`?" if close else "remove it, or upgrade interlock if the schema grew"


def _reader(annotation: Any, name: str, nature: Nature = _NO_NATURE) -> Reader:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extras = get_args(annotation)
        return _reader(inner, name, next((extra for extra in extras if isinstance(extra, Nature)), nature))
    if origin is Literal:
        return read_choice(name, get_args(annotation))
    if origin in (Union, types.UnionType):
        return _union(get_args(annotation), name, nature)
    if origin is tuple:
        return _tuple(_reader(get_args(annotation)[0], name, nature), name)
    if origin is AnyMapping:
        return _mapping(read_text(name, nature), get_args(annotation)[1], name)
    if is_dataclass(annotation):
        return reader_of(annotation)  # type: ignore[arg-type]
    return read_text(name, nature) if annotation is str else _LEAVES[annotation](name)


_LEAVES: dict[Any, Callable[[str], Reader]] = {bool: read_bool, int: read_int, Decimal: read_decimal}


def _union(members: tuple[Any, ...], name: str, nature: Nature) -> Reader:
    if set(members) == {int, Decimal}:
        return read_number(name)
    (only,) = (member for member in members if member is not types.NoneType)
    read_some = _reader(only, name, nature)

    def read(node: Node, problems: list[Problem]) -> Any:
        if type(node) is Scalar and not node.style and node.value == "null":
            return None
        return read_some(node, problems)

    return read


def _tuple(read_item: Reader, name: str) -> Reader:
    def read(node: Node, problems: list[Problem]) -> Any:
        if type(node) is Sequence:
            return tuple([read_item(item, problems) for item in node.items])
        message = f"`{name}` must be a list, found {shown(node)}"
        return refuse("CFG003", node, message, "write `[]`, or `[one, two]`", problems)

    return read


def _mapping(read_key: Reader, annotation: Any, name: str) -> Reader:
    read_value = _reader(annotation, name)

    def read(node: Node, problems: list[Problem]) -> Any:
        if type(node) is not Mapping:
            message = f"`{name}` must be keys and values, found {shown(node)}"
            return refuse("CFG003", node, message, "write `{}`, or one `key: value` per line", problems)
        return types.MappingProxyType(
            {read_key(key, problems): read_value(value, problems) for key, value in node.entries.values()}
        )

    return read
