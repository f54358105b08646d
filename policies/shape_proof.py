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
from config.schema_walk import ANY, walk


def unguarded_shapes(document: Document[Any]) -> Iterator[tuple[KeyPath, str]]:
    """Every key whose other type (`type`), or whose absence (`drop`), the reader would let pass."""
    root = read_nodes(document.text, [])
    if type(root) is not Mapping:
        return
    read = reader_of(type(document.value))
    leaves = list(walk(document.value))
    numbers = {path: number for number, (path, _, _) in enumerate(leaves)}
    problems: list[Problem] = []
    list(_mutate(root, (), numbers, {path: value for path, value, _ in leaves}))
    read(root, problems)
    told = {-1 - problem.start.index for problem in problems}
    passed = [path for path, number in numbers.items() if number not in told]
    yield from ((path, "type") for path in passed if _stands(root, path))

    owned = {path: number for path, number in numbers.items() if leaves[number][2].path_pattern[-1] != ANY}
    problems = []
    owners = dict(_mutate(root, (), owned, None))
    read(root, problems)
    missing = {(*owners[one.owner], one.missing) for one in problems if one.missing and one.owner in owners}
    yield from ((path, "drop") for path in owned if path not in missing)


def _stands(node: Node, path: KeyPath) -> bool:
    """Whether the text itself holds the key: one that leaves the language has none."""
    for step in path:
        if type(node) is Mapping and step in node.entries:
            node = node.entries[str(step)][1]
        elif type(node) is Sequence and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return False
    return True


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
