"""What `.gitattributes` may say of `config/`: `text eol=lf` and nothing else, so that every diff shows what is read.

Never asks Git: patterns are matched here, and one that is not understood counts as matching.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from config.findings import Finding, Severity, Span
from config.tree import FILE, Entry, Tree

FILE_NAME: Final = ".gitattributes"
_ALLOWED: Final = {"text": "set", "eol": "lf"}
_UNCLEAR: Final = re.compile(r'[\["\\]')
"""Signs of patterns (and macros) that are not understood here: such a line may forbid, never permit."""

_Line = tuple[int, re.Pattern[str] | None, tuple[tuple[str, str], ...]]
"""Number, what it is about (None: not understood), and the state of each attribute it names."""


def judge_attributes(tree: Tree, entries: tuple[Entry, ...]) -> list[Finding]:
    """A finding for each line that gives a file below `config/` another attribute."""
    blob = tree.read(FILE_NAME)
    if blob is None:
        return []
    if blob.mode != FILE:
        return [_finding(1, 1, f"`{FILE_NAME}` has mode {blob.mode}", "make it a regular file")]
    lines = list(_lines(blob.data.decode("utf-8", "replace")))
    last: dict[int, tuple[str, str, str]] = {}
    for entry in entries:
        for number, attribute, state in _effective(lines, entry.path):
            last.setdefault(number, (entry.path, attribute, state))
    return [_wrong(number, *what) for number, what in sorted(last.items())]


def _lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if words and not words[0].startswith("#"):
            matcher = None if _UNCLEAR.search(words[0]) else _matcher(words[0])
            yield number, matcher, tuple(map(_state, words[1:]))


def _effective(lines: list[_Line], path: str) -> Iterator[tuple[int, str, str]]:
    """The attributes of `path` that are not allowed: line, name, state."""
    said: dict[str, tuple[int, str]] = {}
    for number, matcher, attributes in lines:
        if matcher is not None and not matcher.fullmatch(path):
            continue
        for name, state in attributes:
            if matcher is not None or state != "unspecified":
                said[name] = (number, state)
    for name, (number, state) in said.items():
        if state != "unspecified" and _ALLOWED.get(name) != state:
            yield number, name, state


def _state(attribute: str) -> tuple[str, str]:
    if attribute.startswith("-"):
        return attribute[1:], "unset"
    if attribute.startswith("!"):
        return attribute[1:], "unspecified"
    name, equals, value = attribute.partition("=")
    return name, value if equals else "set"


def _matcher(pattern: str) -> re.Pattern[str]:
    anchored = "/" in pattern.rstrip("/")
    parts = re.split(r"(\*\*/|/\*\*$|\*|\?)", pattern.lstrip("/"))
    said = {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(said.get(part) or re.escape(part) for part in parts)
    return re.compile(body if anchored else f"(?:.*/)?{body}", re.DOTALL)


def _finding(line: int, column: int, message: str, way_out: str) -> Finding:
    place = Span(FILE_NAME, line, column, line, column)
    return Finding("CFG011", Severity.ERROR, place, message, way_out)


def _wrong(number: int, path: str, attribute: str, state: str) -> Finding:
    message = f"attribute `{attribute}` is {state} for `{path}`"
    way_out = "end the file with the line `config/** text eol=lf`, and say nothing else of config/"
    return _finding(number, 1, message, way_out)
