"""One line of a signal file: when it was received, and the exact bytes of the signal, repeated keys included.

Never judges the signal: a line of another shape is malformed, whatever stands inside `signal` is parsed later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from json import JSONDecodeError
from typing import NamedTuple

from engine.clock import parse_stamp
from engine.intake.signal_form import INSTANT, shown

LARGEST_LINE = 256 * 1024
_SPACE = " \t\r\n"
_KEYS = {"received_at", "signal"}


class Record(NamedTuple):
    """What came in, and when."""

    received_at: int
    payload: bytes


class MalformedRecordError(ValueError):
    """A line that is no `{"received_at": ..., "signal": {...}}`, and where."""

    def __init__(self, message: str, column: int = 1, line: int = 1) -> None:
        super().__init__(message)
        self.column = column
        self.line = line


def read_records(lines: Iterable[bytes]) -> tuple[Record, ...]:
    """All records of a file in its order, blank lines skipped; one malformed line refuses the whole file."""
    records: list[Record] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            records.append(split_record(line))
        except MalformedRecordError as error:
            raise MalformedRecordError(str(error), error.column, number) from None
    return tuple(records)


def split_record(line: bytes) -> Record:
    """The instant and the signal's own bytes."""
    if len(line) > LARGEST_LINE:
        raise MalformedRecordError(f"{len(line)} bytes, {LARGEST_LINE} at most")
    try:
        found = members(line.decode())
    except UnicodeDecodeError as error:
        raise MalformedRecordError(f"not UTF-8: {error.reason}", error.start + 1) from None
    except JSONDecodeError as error:
        raise MalformedRecordError(error.msg, error.pos + 1) from None
    except RecursionError:
        raise MalformedRecordError("nested too deeply") from None
    if found.keys() != _KEYS:
        raise MalformedRecordError("wanted exactly the keys `received_at` and `signal`")
    (raw, column), (signal, _) = found["received_at"], found["signal"]
    return Record(_instant(raw, column), signal.encode())


def _instant(raw: str, column: int) -> int:
    value = json.loads(raw)
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise MalformedRecordError(f"`received_at` is no RFC 3339 instant with Z: {shown(raw)}", column)
    try:
        return parse_stamp(value)
    except ValueError:
        raise MalformedRecordError(f"`received_at` is no day of the calendar: {shown(raw)}", column) from None


def members(text: str) -> dict[str, tuple[str, int]]:
    """The raw text of each member of the outermost object, and its column."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)
    at = _expect(text, _skip(text, 0), "{")
    found: dict[str, tuple[str, int]] = {}
    while True:
        key_at = _skip(text, at)
        key, at = decoder.raw_decode(text, key_at)
        start = _skip(text, _expect(text, _skip(text, at), ":"))
        _, at = decoder.raw_decode(text, start)
        if not isinstance(key, str) or key in found:
            raise JSONDecodeError("the key is no text, or stands there twice", text, key_at)
        found[key] = (text[start:at], start + 1)
        at = _skip(text, at)
        if text[at : at + 1] != ",":
            break
        at += 1
    end = _skip(text, _expect(text, at, "}"))
    if end != len(text):
        raise JSONDecodeError("something follows the object", text, end)
    return found


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _expect(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise JSONDecodeError(f"wanted {mark!r}", text, at)
    return at + 1
