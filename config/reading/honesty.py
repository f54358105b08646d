"""Diff honesty: every value that changed must stand on a line that the text diff shows.

Checks the reader against what a reviewer sees; edits of form alone are listed, not refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from config.digest import plain
from config.document import Document, KeyPath, Places, dotted
from config.findings import Finding, Related, Severity, Span, sort_findings, whole_file
from config.reading.linediff import shown_lines

Form = Literal["comment", "comment line", "blank line", "order", "quotes", "spacing", "spelling"]


@dataclass(frozen=True, slots=True)
class FormEdit:
    """A changed line on which no value changed, and what did; `gone` lines stand in the version before."""

    span: Span
    form: Form
    gone: bool = False

    @property
    def whole_line(self) -> bool:
        """Whether the line holds no key."""
        return self.form in ("comment line", "blank line")


@dataclass(frozen=True, slots=True)
class Honesty:
    """What the comparison of two versions of a file found."""

    findings: tuple[Finding, ...]
    form_only: tuple[FormEdit, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    """One changed value: its path on either side, None where it does not exist; `near` is its home in `after`."""

    before: KeyPath | None
    after: KeyPath | None
    near: KeyPath


def compare(before: Document[Any], after: Document[Any], before_text: str, after_text: str) -> Honesty:
    """Judge two versions of a document against the texts a reviewer compares."""
    found = [
        _other_bytes(one.file)
        for one, text in ((before, before_text), (after, after_text))
        if one.text != text
    ]
    removed, added = shown_lines(before_text, after_text)
    carrying: tuple[set[int], set[int]] = (set(), set())
    for edit in _edits(before.value, after.value, (), ()):
        old = _lines(before.places, edit.before)
        new = _lines(after.places, edit.after)
        carrying[0].update(old)
        carrying[1].update(new, {after.places.key(edit.near).line})
        if not (removed & old or added & new):
            found.append(_hidden(before, after, edit))
    form_only = _Forms(before_text).edits(after.file, after_text, added - carrying[1])
    gone = _Forms(after_text).edits(before.file, before_text, removed - carrying[0])
    lost = [FormEdit(edit.span, edit.form, gone=True) for edit in gone if edit.whole_line]
    return Honesty(sort_findings(found), (*form_only, *lost))


def _lines(places: Places, path: KeyPath | None) -> set[int]:
    if path is None:
        return set()
    value = places.value(path)
    return {*range(value.line, value.end_line + 1), places.key(path).line}


def _edits(before: Any, after: Any, old: KeyPath, new: KeyPath) -> Iterator[_Edit]:
    if isinstance(before, AnyMapping) and isinstance(after, AnyMapping):
        yield from _key_edits(before, after, old, new)
    elif isinstance(before, tuple) and isinstance(after, tuple):
        yield from _item_edits(before, after, old, new)
    elif is_dataclass(before) and type(before) is type(after):
        for field in fields(before):
            name = field.name
            yield from _edits(getattr(before, name), getattr(after, name), (*old, name), (*new, name))
    elif plain(before) != plain(after):
        yield _Edit(old, new, new)


def _key_edits(
    before: AnyMapping[str, Any], after: AnyMapping[str, Any], old: KeyPath, new: KeyPath
) -> Iterator[_Edit]:
    for name in before:
        if name not in after:
            yield _Edit((*old, name), None, new)
    for name in after:
        if name in before:
            yield from _edits(before[name], after[name], (*old, name), (*new, name))
        else:
            yield _Edit(None, (*new, name), new)


def _item_edits(
    before: tuple[Any, ...], after: tuple[Any, ...], old: KeyPath, new: KeyPath
) -> Iterator[_Edit]:
    """Items are aligned by value; what is left over on both sides is compared in its order."""
    waiting: dict[str, list[int]] = {}
    for at, item in enumerate(before):
        waiting.setdefault(repr(plain(item)), []).append(at)
    fresh = []
    for at, item in enumerate(after):
        same = waiting.get(repr(plain(item)))
        if same:
            same.pop(0)
        else:
            fresh.append(at)
    gone = sorted(at for left in waiting.values() for at in left)
    for one, other in zip(gone, fresh, strict=False):
        if is_dataclass(before[one]):
            yield from _edits(before[one], after[other], (*old, one), (*new, other))
        else:
            yield _Edit((*old, one), (*new, other), new)
    yield from (_Edit((*old, at), None, new) for at in gone[len(fresh) :])
    yield from (_Edit(None, (*new, at), new) for at in fresh[len(gone) :])


def _other_bytes(file: str) -> Finding:
    message = "reader read other bytes than the diff shows"
    return Finding("CFG016", Severity.ERROR, whole_file(file), message, "compare the versions that were read")


def _hidden(before: Document[Any], after: Document[Any], edit: _Edit) -> Finding:
    path = edit.after or edit.before or ()
    message = f"`{dotted(path)}` changed on a line that the text diff does not show"
    way_out = "let the line of the value itself change; do not move other lines around it in the same change"
    here = after if edit.after is not None else before
    related: tuple[Related, ...] = ()
    if edit.after is not None and edit.before is not None:
        related = (Related(before.places.at(edit.before), "value before"),)
    return Finding("CFG016", Severity.ERROR, here.places.at(path), message, way_out, dotted(path), related)


class _Forms:
    """Names the form that changed, by what makes a line equal to one of the other version."""

    def __init__(self, other: str) -> None:
        lines = other.split("\n")
        self._whole = set(lines)
        self._bare = {_bare(line) for line in lines}
        self._unquoted = {_unquoted(line) for line in lines}
        self._squeezed = {"".join(line.split()) for line in lines}

    def edits(self, file: str, text: str, numbers: frozenset[int] | set[int]) -> list[FormEdit]:
        """The edits of form on these lines of `text`."""
        lines = text.split("\n")
        return [
            FormEdit(Span(file, number, 1, number, len(lines[number - 1]) + 1), self._of(lines[number - 1]))
            for number in sorted(numbers)
        ]

    def _of(self, line: str) -> Form:
        if not line.strip():
            return "blank line"
        if line.lstrip().startswith("#"):
            return "comment line"
        if line in self._whole:
            return "order"
        if _bare(line) in self._bare:
            return "comment"
        if "".join(line.split()) in self._squeezed:
            return "spacing"
        return "quotes" if _unquoted(line) in self._unquoted else "spelling"


def _bare(line: str) -> str:
    return line.partition(" #")[0].rstrip()


def _unquoted(line: str) -> str:
    return line.replace('"', "").replace("'", "")
