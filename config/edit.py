"""The only writer: one value at one path on one line, comments kept, and the normal form that makes it so.

What it wrote is read again by the strict reader and compared; anything unexpected is a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from config.digest import decimal_text, plain
from config.document import Document, KeyPath, dotted
from config.findings import Finding, Refused, Severity, Span, whole_file
from config.reading.gate import read_text
from config.reading.nodes import Mapping, Node, Sequence, is_plain_text
from config.reading.places import NodePlaces, findings_of
from config.reading.problem import Problem, clip
from config.reading.read import read_document, refused_by_failure
from config.reading.walk import read_nodes
from config.schema_walk import replace_at, value_at
from config.tree import FILE, Blob, blob_id

T = TypeVar("T")
_PLAIN_MARKS = frozenset("_-./")
_WIDTH = 1_000_000
_NAME = re.compile("[A-Za-z][A-Za-z0-9_-]{0,62}")


def set_value(file: str, text: str, path: KeyPath, value: Any, cls: type[T]) -> str | Refused:
    """The text of `file` with `value` at `path`; one line differs, or none when it stood there already."""
    try:
        return _set_value(file, text, path, value, cls)
    except Exception as error:
        return refused_by_failure(file, error)


def rename_key(file: str, text: str, path: KeyPath, name: str) -> str | Refused:
    """The text of `file` with the key at `path` called `name`; for a language that changes, so no types are asked."""
    try:
        return _rename_key(file, text, path, name)
    except Exception as error:
        return refused_by_failure(file, error)


def normal_form(file: str, text: str) -> str | Refused:
    """The text as the writer would write it: same values, same comments, one spacing."""
    try:
        refused = _judge_form(file, text)
        return refused or _tidy(_round_trip(text))
    except Exception as error:
        return refused_by_failure(file, error)


def is_normal(file: str, text: str) -> bool:
    """Whether a file stands in normal form."""
    return normal_form(file, text) == text


def _set_value(file: str, text: str, path: KeyPath, value: Any, cls: type[T]) -> str | Refused:
    before = _read(file, text, cls)
    if isinstance(before, Refused):
        return before
    wanted = _wanted(before, path, value)
    if isinstance(wanted, str):
        return _refused(before.places.at(path), path, wanted, "name a key that stands in the file")
    if not is_normal(file, text):
        return _refused(whole_file(file), path, "file is not in normal form", "bring it to normal form first")
    written = _tidy(_round_trip(text, lambda root: _assign(root, path, value)))
    after = _read(file, written, cls)
    if isinstance(after, Refused):
        return after
    if plain(after.value) != plain(wanted):
        return _refused(
            before.places.at(path), path, f"edit would change more than `{dotted(path)}`", "edit by hand"
        )
    return _judge_lines(file, text, written, path, before.places.value(path))


def _rename_key(file: str, text: str, path: KeyPath, name: str) -> str | Refused:
    refused = _judge_form(file, text)
    if refused is not None:
        return refused
    before = read_nodes(text, [])
    places = NodePlaces(file, text, before)
    if not is_normal(file, text):
        return _refused(whole_file(file), path, "file is not in normal form", "bring it to normal form first")
    if not _NAME.fullmatch(name) or not is_plain_text(name):
        return _refused(
            places.key(path), path, f"`{clip(name)}` is no name of a key", "take letters, digits and `_`"
        )
    parent = _parent(before, path)
    if parent is None or name in parent.entries:
        what = (
            f"`{dotted(path)}` does not stand in the file"
            if parent is None
            else f"`{name}` stands there already"
        )
        return _refused(places.key(path), path, what, "name a key that stands in the file, and a new one")
    written = _tidy(_round_trip(text, lambda root: _rename(root, path, name)))
    if _outline(read_nodes(written, [])) != _outline(before, path, name):
        return _refused(
            places.key(path), path, f"edit would change more than `{dotted(path)}`", "edit by hand"
        )
    return _judge_lines(file, text, written, path, places.key(path))


def _parent(root: Node | None, path: KeyPath) -> Mapping | None:
    """The mapping that holds the key at `path`."""
    node = root
    for step in path[:-1]:
        if type(node) is Mapping and step in node.entries:
            node = node.entries[str(step)][1]
        elif type(node) is Sequence and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node if path and type(node) is Mapping and path[-1] in node.entries else None


def _outline(node: Node | None, path: KeyPath = (), name: str = "") -> Any:
    """All keys and texts of a document with their quotes; the key at `path` already called `name`."""
    if type(node) is Mapping:
        return [
            (name if path == (key,) else key, _outline(child, path[1:] if path[:1] == (key,) else (), name))
            for key, (_, child) in node.entries.items()
        ]
    if type(node) is Sequence:
        return [
            _outline(item, path[1:] if path[:1] == (at,) else (), name) for at, item in enumerate(node.items)
        ]
    return None if node is None else (node.style, node.value)


def _rename(root: Any, path: KeyPath, name: str) -> None:
    parent = root
    for step in path[:-1]:
        parent = parent[step]
    at = list(parent).index(path[-1])
    comment = parent.ca.items.pop(path[-1], None)
    parent.insert(at, name, parent.pop(path[-1]))
    if comment is not None:
        parent.ca.items[name] = comment


def _read(file: str, text: str, cls: type[T]) -> Document[T] | Refused:
    data = text.encode()
    return read_document(file, Blob(data, FILE, blob_id(data)), cls)


def _wanted(before: Document[Any], path: KeyPath, value: Any) -> Any:
    """The document as it should become, or a sentence why that is no single value."""
    if not path:
        return "an edit needs a path"
    try:
        old = value_at(before.value, path)
    except KeyError:
        return f"`{dotted(path)}` does not stand in the file"
    if isinstance(value, list):
        value = tuple(value)
    if not _is_single(old) or not _is_single(value):
        return f"`{dotted(path)}` is not a single value"
    return replace_at(before.value, path, value)


def _is_single(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(item, str) for item in value)
    return value is None or isinstance(value, bool | int | Decimal | str)


def _judge_lines(file: str, text: str, written: str, path: KeyPath, place: Span) -> str | Refused:
    old, new = text.split("\n"), written.split("\n")
    changed = [at for at, pair in enumerate(zip(old, new, strict=False), start=1) if pair[0] != pair[1]]
    if len(old) == len(new) and changed == ([] if written == text else [place.line]):
        return written
    message = f"edit of `{dotted(path)}` would touch other lines"
    return _refused(place, path, message, "write the value on one line first")


def _refused(place: Span, path: KeyPath, message: str, way_out: str) -> Refused:
    return Refused((Finding("CFG015", Severity.ERROR, place, message, way_out, dotted(path)),))


def _judge_form(file: str, text: str) -> Refused | None:
    read = read_text(text.encode())
    problems = [read] if isinstance(read, Problem) else []
    root = None if problems else read_nodes(text, problems)
    return Refused(tuple(findings_of(file, root, problems))) if problems else None


def _round_trip(text: str, change: Callable[[Any], None] | None = None) -> str:
    from io import StringIO

    from ruamel.yaml import YAML
    from ruamel.yaml.resolver import VersionedResolver

    class TextResolver(VersionedResolver):
        """Leaves every scalar the text it is, so that no number is written another way."""

        versioned_resolver: Any = {}  # noqa: RUF012 - a property there, nothing here

    yaml = YAML(typ="rt")
    yaml.Resolver = TextResolver
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    root = yaml.load(text)
    if change is not None:
        change(root)
    out = StringIO()
    yaml.dump(root, out)
    return out.getvalue()


def _assign(root: Any, path: KeyPath, value: Any) -> None:
    parent = root
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = _as_written(value, parent[path[-1]])


def _as_written(value: Any, old: Any) -> Any:
    from ruamel.yaml.comments import CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, PlainScalarString, SingleQuotedScalarString

    if isinstance(value, tuple | list):
        written = CommentedSeq([_as_written(item, "") for item in value])
        written.fa.set_flow_style()
        return written
    if value is None or isinstance(value, bool):
        return PlainScalarString({None: "null", True: "true", False: "false"}[value])
    if isinstance(value, int | Decimal):
        return PlainScalarString(decimal_text(value) if isinstance(value, Decimal) else str(value))
    if isinstance(old, DoubleQuotedScalarString | SingleQuotedScalarString) or not _may_be_plain(value):
        return DoubleQuotedScalarString(value)
    return PlainScalarString(value)


def _may_be_plain(text: str) -> bool:
    return is_plain_text(text) and all(
        sign.isascii() and (sign.isalnum() or sign in _PLAIN_MARKS) for sign in text
    )


def _tidy(text: str) -> str:
    """Two spaces before a comment behind a value, none at the end of a line, one line end at the end."""
    ends: dict[int, int] = {}
    root = read_nodes(text, [])
    if root is not None:
        _mark_ends(root, ends)
    lines = [_tidy_line(line, ends.get(at)) for at, line in enumerate(text.split("\n"))]
    return "\n".join(lines).rstrip("\n") + "\n"


def _tidy_line(line: str, end: int | None) -> str:
    line = line.rstrip()
    rest = line[end:].lstrip() if end is not None else ""
    return f"{line[:end]}  {rest}" if rest.startswith("#") else line


def _mark_ends(node: Node, ends: dict[int, int]) -> None:
    ends[node.end_mark.line] = max(ends.get(node.end_mark.line, 0), node.end_mark.column)
    if type(node) is Mapping:
        for key, child in node.entries.values():
            ends[key.end_mark.line] = max(ends.get(key.end_mark.line, 0), key.end_mark.column + 1)
            _mark_ends(child, ends)
    elif type(node) is Sequence:
        for item in node.items:
            _mark_ends(item, ends)
