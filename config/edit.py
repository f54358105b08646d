"""The only writer: one value at one path on one line, comments kept, and the normal form that makes it so.

What it wrote is read again by the strict reader and compared; anything unexpected is a refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from config.digest import decimal_text, plain
from config.document import Document, KeyPath, dotted
from config.findings import Finding, Refused, Severity, Span, whole_file
from config.reading.gate import read_text
from config.reading.nodes import Mapping, Node, Sequence, is_plain_text
from config.reading.places import findings_of
from config.reading.problem import Problem
from config.reading.read import read_document, refused_by_failure
from config.reading.walk import read_nodes
from config.schema_walk import replace_at, value_at
from config.tree import FILE, Blob, blob_id

T = TypeVar("T")
_PLAIN_MARKS = frozenset("_-./")
_WIDTH = 1_000_000


def set_value(file: str, text: str, path: KeyPath, value: Any, cls: type[T]) -> str | Refused:
    """The text of `file` with `value` at `path`; one line differs, or none when it stood there already."""
    try:
        return _set_value(file, text, path, value, cls)
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
    return _judge_lines(before, path, written)


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


def _judge_lines(before: Document[Any], path: KeyPath, written: str) -> str | Refused:
    old, new = before.text.split("\n"), written.split("\n")
    changed = [at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]]
    expected = [] if written == before.text else [before.places.value(path).line - 1]
    if len(old) == len(new) and changed == expected:
        return written
    message = f"edit of `{dotted(path)}` would touch other lines"
    return _refused(before.places.at(path), path, message, "write the value on one line first")


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
