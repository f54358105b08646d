"""Where each value of a JSON text begins: for messages that name a line and a column, and for keys written twice.

Never parses for meaning: the text is known to be JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

Path = tuple[str | int, ...]

_SPACE = " \t\r\n"
_SCALAR = json.JSONDecoder(parse_int=str, parse_float=str)


def places(text: str) -> Iterator[tuple[Path, int]]:
    """Every value's path and offset, in the order of the text; repeated keys come repeatedly."""
    found: list[tuple[Path, int]] = []
    _value(text, 0, (), found)
    return iter(found)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _value(text: str, at: int, path: Path, found: list[tuple[Path, int]]) -> int:
    """Note the value that begins here; where it ends."""
    at = _skip(text, at)
    found.append((path, at))
    if text[at] not in "{[":
        return _SCALAR.raw_decode(text, at)[1]
    is_object, at, number = text[at] == "{", _skip(text, at + 1), 0
    while text[at] not in "}]":
        step: str | int = number
        if is_object:
            step, at = _SCALAR.raw_decode(text, at)
            at = _skip(text, at) + 1
        at = _skip(text, _value(text, at, (*path, step), found))
        at, number = _skip(text, at + (text[at] == ",")), number + 1
    return at + 1


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at
