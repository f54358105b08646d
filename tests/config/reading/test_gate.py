"""Bytes become text only when a reviewer sees every character."""

from __future__ import annotations

import unicodedata

import pytest

from config.reading.gate import MAX_BYTES, first_unseen, read_text
from config.reading.problem import Problem


def refused(data: bytes) -> tuple[str, int, int, str]:
    answer = read_text(data)
    assert isinstance(answer, Problem)
    return answer.rule, answer.start.line, answer.start.column, answer.message


@pytest.mark.parametrize(
    ("sign", "name"),
    [
        ("\t", "a tab (U+0009)"),
        ("\r", "a carriage return (U+000D)"),
        ("\x00", "a control character (U+0000)"),
        ("\x1b", "a control character (U+001B)"),
        ("\x7f", "a control character (U+007F)"),
        ("\x85", "a next-line character (U+0085)"),
        ("\xa0", "a no-break space (U+00A0)"),
        ("\xad", "an invisible or private character (U+00AD)"),
        ("\u200b", "an invisible or private character (U+200B)"),
        ("\u200d", "an invisible or private character (U+200D)"),
        ("\u2028", "a line separator (U+2028)"),
        ("\u2029", "a paragraph separator (U+2029)"),
        ("\u202e", "a bidirectional control (U+202E)"),
        ("\u2066", "a bidirectional control (U+2066)"),
        ("\u061c", "a bidirectional control (U+061C)"),
        ("\u3164", "an invisible or private character (U+3164)"),
        ("\ue000", "an invisible or private character (U+E000)"),
        ("\ufe0f", "an invisible or private character (U+FE0F)"),
        ("\ufeff", "a byte order mark (U+FEFF)"),
        ("\uffff", "an invisible or private character (U+FFFF)"),
        ("\U000e0041", "an invisible or private character (U+E0041)"),
        ("\U000f0000", "an invisible or private character (U+F0000)"),
    ],
)
def test_unseen_character_is_refused_where_it_stands(sign: str, name: str) -> None:
    text = f"a: 1\n# é {sign}\n"
    assert refused(text.encode()) == ("YAML003", 1, 4, f"file contains {name}")


def test_every_control_format_and_private_character_is_refused() -> None:
    categories = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    passed = [
        f"U+{code:04X}"
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in categories
        and chr(code) != "\n"
        and not first_unseen("é" + chr(code))
    ]
    assert passed == []


def test_every_space_but_the_plain_one_is_refused() -> None:
    passed = [
        hex(code) for code in range(0x110000) if chr(code).isspace() and not first_unseen("é" + chr(code))
    ]
    assert passed == ["0xa", "0x20"]


@pytest.mark.parametrize("text", ["", "a: 1\n", "# Zürich 東京 العربية עברית ελληνικά 🙂\n", "e\u0301\n"])
def test_letters_of_every_script_pass(text: str) -> None:
    assert read_text(text.encode()) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a: \xff\n", ("YAML002", 0, 3, "byte 0xff is not UTF-8")),
        (b"a: 1\nb: \xc3\xa9\xc3(\n", ("YAML002", 1, 4, "byte 0xc3 is not UTF-8")),
        (b"a: \xc0\x80\n", ("YAML002", 0, 3, "byte 0xc0 is not UTF-8")),
        (b"a: \xed\xa0\x80\n", ("YAML002", 0, 3, "byte 0xed is not UTF-8")),
        ("a: 1\n".encode("utf-16"), ("YAML002", 0, 0, "byte 0xff is not UTF-8")),
        (
            b"x" * (MAX_BYTES + 1),
            ("YAML001", 0, 0, f"file has {MAX_BYTES + 1} bytes, at most {MAX_BYTES} are read"),
        ),
    ],
)
def test_other_bytes_are_refused_at_their_place(data: bytes, reason: tuple[str, int, int, str]) -> None:
    assert refused(data) == reason


def test_the_largest_file_passes_the_gate() -> None:
    assert read_text(b"x" * MAX_BYTES) == "x" * MAX_BYTES
