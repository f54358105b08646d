"""Shows that the reader refuses every key of a document when it is left out, and when it has another type.

One reading of a copy with every leaf left out, one with every leaf of another type: the reader reports all reasons at
once, so each key must have a reason of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.document import Document, KeyPath
from config.reading.nodes import Mapping, Node, Scalar, Sequence, empty_text
from config.reading.problem import Point, Problem
from config.reading.shape import reader_of
from config.reading.walk import read_nodes
from config.schema_walk import ANY, FieldSpec, walk


def unguarded_shapes(document: Document[Any]) -> Iterator[tuple[KeyPath, str]]:
    """Every key whose absence (`drop`), or whose other type (`type`), the reader would let pass."""
    leaves = list(walk(document.value))
    for path in _let_pass_when_dropped(document, leaves):
        yield path, "drop"
    for path in _let_pass_with_another_type(document, leaves):
        yield path, "type"


def _let_pass_when_dropped(
    document: Document[Any], leaves: list[tuple[KeyPath, Any, FieldSpec]]
) -> Iterator[KeyPath]:
    wanted = {path: number for number, (path, _, spec) in enumerate(leaves) if spec.path_pattern[-1] != ANY}
    problems, owners = _read(document, wanted, None)
    reported = {(*owners[one.owner], one.missing) for one in problems if one.missing and one.owner in owners}
    yield from (path for path in wanted if path not in reported)


def _let_pass_with_another_type(
    document: Document[Any], leaves: list[tuple[KeyPath, Any, FieldSpec]]
) -> Iterator[KeyPath]:
    wanted = {path: number for number, (path, _, _) in enumerate(leaves)}
    problems, _ = _read(document, wanted, {path: value for path, value, _ in leaves})
    numbers = {-1 - problem.start.index for problem in problems}
    yield from (path for path, number in wanted.items() if number not in numbers)


def _read(
    document: Document[Any], wanted: dict[KeyPath, int], values: dict[KeyPath, object] | None
) -> tuple[list[Problem], dict[int, KeyPath]]:
    root = read_nodes(document.text, [])
    problems: list[Problem] = []
    if type(root) is not Mapping:
        return problems, {}
    owners = dict(_mutate(root, (), wanted, values))
    reader_of(type(document.value))(root, problems)
    return problems, owners


def _mutate(
    node: Mapping, prefix: KeyPath, wanted: dict[KeyPath, int], values: dict[KeyPath, object] | None
) -> Iterator[tuple[int, KeyPath]]:
    """Change the nodes in place and tell which node stands where.  values: what the keys hold, None to drop them."""
    yield id(node), prefix
    for name, (key, child) in list(node.entries.items()):
        path = (*prefix, name)
        if path not in wanted:
            yield from _below(child, path, wanted, values)
        elif values is None:
            del node.entries[name]
        else:
            node.entries[name] = (key, _another_type(values[path], wanted[path]))


def _below(
    child: Node, path: KeyPath, wanted: dict[KeyPath, int], values: dict[KeyPath, object] | None
) -> Iterator[tuple[int, KeyPath]]:
    if type(child) is Mapping:
        yield from _mutate(child, path, wanted, values)
    elif type(child) is Sequence:
        for at, item in enumerate(child.items):
            yield from _below(item, (*path, at), wanted, values)


def _another_type(value: object, number: int) -> Scalar | Sequence:
    """A bare number where a text must stand, a text where anything else must, a list where nothing stands."""
    mark = Point(number, number, -1 - number)
    if value is None:
        return Sequence(mark, mark)
    wrong = empty_text(mark, mark)
    wrong.value, wrong.style = ("7", "") if isinstance(value, str) else ("seven", '"')
    return wrong
