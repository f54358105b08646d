"""What each text means under each type: one meaning or a refusal, never a guess."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from config.models.nature import neutral
from config.reading.nodes import TYPED_WORDS, Mapping, plain_text
from config.reading.problem import ORIGIN, Problem
from config.reading.scalars import (
    Reader,
    read_bool,
    read_choice,
    read_decimal,
    read_int,
    read_number,
    read_text,
)
from config.reading.walk import read_nodes

READERS: dict[str, Reader] = {
    "bool": read_bool("k"),
    "int": read_int("k"),
    "decimal": read_decimal("k"),
    "number": read_number("k"),
    "choice": read_choice("k", ("on", "paper")),
    "text": read_text("k", neutral("words", why="identity", grammar="[a-z0-9.:+ -]+")),
    "free": read_text("k", neutral("words", why="people's words", free_text=True)),
}


def judged(kind: str, written: str) -> tuple[Any, list[Problem]]:
    problems: list[Problem] = []
    root = read_nodes(f"k: {written}\n", problems)
    if not isinstance(root, Mapping) or problems:
        return None, problems
    return READERS[kind](root.entries["k"][1], problems), problems


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("bool", "true", True),
        ("bool", "false", False),
        ("int", "0", 0),
        ("int", "7", 7),
        ("int", "-7", -7),
        ("int", "999999999999999", 999_999_999_999_999),
        ("decimal", "5.0", Decimal("5.0")),
        ("decimal", "-5.25", Decimal("-5.25")),
        ("decimal", "0.0", Decimal("0.0")),
        ("decimal", "0.1", Decimal("0.1")),
        ("decimal", "123456789012345.1234567890123", Decimal("123456789012345.1234567890123")),
        ("number", "5", 5),
        ("number", "5.0", Decimal("5.0")),
        ("choice", "paper", "paper"),
        ("choice", '"on"', "on"),
        ("choice", "'on'", "on"),
        ("text", "abc", "abc"),
        ("text", "a-b c", "a-b c"),
        ("text", '"1"', "1"),
        ("text", '"1e3"', "1e3"),
        ("text", '"no"', "no"),
        ("text", '"2026-11-20"', "2026-11-20"),
        ("text", "truely", "truely"),
        ("text", "none", "none"),
        ("free", '"Zürich → 東京"', "Zürich → 東京"),
        ("free", '"a \\"b\\" \\\\ c"', 'a "b" \\ c'),
        ("free", "'it''s'", "it's"),
    ],
)
def test_text_has_its_one_meaning(kind: str, written: str, value: Any) -> None:
    found, problems = judged(kind, written)
    assert problems == []
    assert (found, type(found)) == (value, type(value))


FITS = "words: must match `[a-z0-9.:+ -]+`"
REFUSED = {
    "bool": "True TRUE yes on y 1 0 t null ~ 'true' \"true\" [] {}",
    "int": "01 007 0x1F 0o14 0b1 1_000 +1 -0 1.0 1. 1e3 1:30 true null ~ '1' \"1\" ¹ ١ 1000000000000000 [] {} 1,0",
    "decimal": "1 -1 0 1. .5 01.0 00.5 -0.0 -0.00 +1.0 1.0e3 1e3 .inf -.inf .nan NaN 1_0.0 1:30.0 '1.0' \"1.0\" true "
    "null ~ 1234567890123456.0 0.12345678901234 ١.٥ [] 1,5",
    "number": "01 1e3 .5 5. '5' true null -0 -0.0 [] {}",
    "choice": "on On ON papers Paper true null ~ '' [] {}",
    "text": "1 1.0 true false null ~ yes no on off y n Y N 2026-11-20 .5 -a '' [] {} 'a_b' \"A\"",
    "free": "true null ~ 1 '' [] {} é",
}


@pytest.mark.parametrize(
    ("kind", "written"), [(kind, word) for kind, all_ in REFUSED.items() for word in all_.split()]
)
def test_text_without_one_meaning_is_refused(kind: str, written: str) -> None:
    found, problems = judged(kind, written)
    assert found is None
    assert len(problems) == 1
    assert (problems[0].start.line, problems[0].start.column) == (0, 3)
    assert problems[0].help


@pytest.mark.parametrize("word", sorted(TYPED_WORDS))
def test_word_of_another_type_needs_quotes(word: str) -> None:
    found, problems = judged("free", word)
    assert found is None
    assert [(p.rule, p.message) for p in problems] == [
        ("YAML016", f"`{word}` must be quoted to be the text of `k`")
    ]
    assert judged("free", f'"{word}"') == (word, [])


@pytest.mark.parametrize(
    ("kind", "written", "rule", "message", "way_out"),
    [
        ("decimal", "5", "CFG003", "`k` must be a decimal number, found `5`", "write `5.0`"),
        (
            "decimal",
            '"5.0"',
            "CFG003",
            "`k` must be a decimal number, found the text `5.0`",
            "remove the quotes",
        ),
        (
            "decimal",
            "-0.0",
            "CFG003",
            "`k` must be a decimal number, found `-0.0`",
            "write `0.0`; zero has no sign",
        ),
        ("choice", "on", "YAML016", "`on` must be quoted to be the text of `k`", None),
        (
            "choice",
            "live",
            "CFG004",
            "`k` must be one of `on`, `paper`, found `live`",
            "take a word of the list",
        ),
        ("text", '"аbc"', "CFG013", "`k` contains `а` (U+0430), which is not ASCII", None),
        (
            "text",
            '"A"',
            "CFG004",
            "`k` does not fit its grammar, found the text `A`",
            "words: must match `[a-z0-9.:+ -]+`",
        ),
        ("free", '"e\u0301"', "CFG013", "`k` is not in normal form NFC", "type the letters composed"),
        ("free", '""', "CFG003", "`k` must be a text, found an empty text", "write words in double quotes"),
        ("free", '"\\u200b"', "YAML015", "escape in a quoted text", None),
        ("int", "{}", "CFG003", "`k` must be a whole number, found a mapping", None),
        ("int", "[1]", "CFG003", "`k` must be a whole number, found a list", None),
        ("int", "x" * 50, "CFG003", "`k` must be a whole number, found `" + "x" * 24 + "...`", None),
    ],
)
def test_refusal_says_what_to_write(
    kind: str, written: str, rule: str, message: str, way_out: str | None
) -> None:
    _, problems = judged(kind, written)
    assert [(p.rule, p.message) for p in problems] == [(rule, message)]
    assert way_out in (None, problems[0].help)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\u200bb", "`k` contains an invisible or private character (U+200B)"),
        ("a\nb", "`k` contains a character that does not print"),
    ],
)
def test_text_that_came_past_the_gate_is_judged_again(text: str, message: str) -> None:
    problems: list[Problem] = []
    READERS["free"](plain_text(text, ORIGIN, ORIGIN), problems)
    assert [(p.rule, p.message) for p in problems] == [("YAML003", message)]
