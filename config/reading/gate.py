"""The first gate: bytes become text only if a reviewer sees every character of it, comments included.

Never looks at YAML; the same gate judges texts after their quotes are taken off.
"""

from __future__ import annotations

import re
from functools import cache

from config.reading.problem import ORIGIN, Point, Problem

MAX_BYTES = 256 * 1024

_ASCII_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f]")

# Fixed here rather than taken from `unicodedata`, so that the verdict is the same under every Python.
_UNSEEN_RANGES = (
    "\x00-\x09\x0b-\x1f\x7f-\xa0\xad"  # controls (tab, CR, NEL among them), no-break space, soft hyphen
    "\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164"  # spaces, joiners, LS, PS, bidi controls
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    "\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff\U0004fffe-\U0010ffff"  # unused, private planes
)

_NAMES = {
    "\t": "a tab",
    "\r": "a carriage return",
    "\x85": "a next-line character",
    "\xa0": "a no-break space",
    "\u2028": "a line separator",
    "\u2029": "a paragraph separator",
    "\ufeff": "a byte order mark",
}
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@cache
def _unseen() -> re.Pattern[str]:
    return re.compile(f"[{_UNSEEN_RANGES}]")


def first_unseen(text: str) -> re.Match[str] | None:
    """The first character of `text` that nobody should have to trust, if there is one."""
    return _ASCII_CONTROLS.search(text) if text.isascii() else _unseen().search(text)


def name_of(character: str) -> str:
    """What people call a refused character, with its code point."""
    name = _NAMES.get(character)
    if name is None:
        name = "a bidirectional control" if character in _BIDI else "an invisible or private character"
        name = "a control character" if character < "\xa0" else name
    return f"{name} (U+{ord(character):04X})"


def _way_out(character: str) -> str:
    if character == "\t":
        return "indent with spaces"
    if character == "\r":
        return "save the file with LF line ends"
    return "remove it; what a diff does not show may not decide a value"


def read_text(data: bytes) -> str | Problem:
    """The text of a file, or why its bytes are refused."""
    if len(data) > MAX_BYTES:
        message = f"file has {len(data)} bytes, at most {MAX_BYTES} are read"
        return Problem(
            "YAML001", ORIGIN, ORIGIN, message, "split the file, or remove what does not belong here"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(data, error)
    found = first_unseen(text)
    if found is None:
        return text
    start = point_at(text, found.start())
    end = Point(start.line, start.column + 1, start.index + 1)
    message = f"file contains {name_of(found.group())}"
    return Problem("YAML003", start, end, message, _way_out(found.group()))


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> Problem:
    start = point_at(data[: error.start].decode("utf-8"), -1)
    end = Point(start.line, start.column + 1, start.index + 1)
    message = f"byte 0x{data[error.start]:02x} is not UTF-8"
    return Problem("YAML002", start, end, message, "save the file as UTF-8 without a byte order mark")


def point_at(text: str, index: int) -> Point:
    """The line and column of a character of `text`; -1 means the place after its last character."""
    before = text if index < 0 else text[:index]
    line = before.count("\n")
    return Point(line, len(before) - (before.rfind("\n") + 1), len(before))
