"""One line of a signal file: when it was received, and the exact bytes of the signal, repeated keys included.

Never judges the signal: a line of another shape is malformed, whatever stands inside `signal` is parsed later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
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
    """A line that is no `{"received_at": ..., "signal": {...}}`."""


def read_records(lines: Iterable[bytes]) -> tuple[Record, ...]:
    """All records of a file in its order, blank lines skipped; one malformed line refuses the whole file."""
    records: list[Record] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            records.append(split_record(line))
        except MalformedRecordError as error:
            raise MalformedRecordError(f"line {number}: {error}") from None
    return tuple(records)


def split_record(line: bytes) -> Record:
    """The instant and the signal's own bytes."""
    if len(line) > LARGEST_LINE:
        raise MalformedRecordError(f"{len(line)} bytes, {LARGEST_LINE} at most")
    try:
        found = members(line.decode())
    except (ValueError, RecursionError) as error:
        raise MalformedRecordError(shown(str(error))) from None
    if found.keys() != _KEYS:
        raise MalformedRecordError("wanted exactly the keys `received_at` and `signal`")
    return Record(_instant(found["received_at"]), found["signal"].encode())


def _instant(raw: str) -> int:
    value = json.loads(raw)
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise MalformedRecordError(f"`received_at` is no RFC 3339 instant with Z: {shown(raw)}")
    try:
        return parse_stamp(value)
    except ValueError:
        raise MalformedRecordError(f"`received_at` is no day of the calendar: {shown(raw)}") from None


def members(text: str) -> dict[str, str]:
    """The raw text of each member of the outermost object."""
    decoder = json.JSONDecoder()
    at = _expect(text, _skip(text, 0), "{")
    found: dict[str, str] = {}
    while True:
        key, at = decoder.raw_decode(text, _skip(text, at))
        start = _skip(text, _expect(text, _skip(text, at), ":"))
        _, at = decoder.raw_decode(text, start)
        if not isinstance(key, str) or key in found:
            raise ValueError(f"key {key!r} is no text, or stands there twice")
        found[key] = text[start:at]
        at = _skip(text, at)
        if text[at : at + 1] != ",":
            break
        at += 1
    if _skip(text, _expect(text, at, "}")) != len(text):
        raise ValueError("something follows the object")
    return found


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _expect(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise ValueError(f"wanted {mark!r} at character {at + 1}")
    return at + 1
