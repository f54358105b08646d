"""A key that is new to the language stands at its safe value or is refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from config.desired import DesiredState
from config.document import KeyPath
from config.findings import Span
from config.models.nature import at_most, from_safest, neutral, only_grows, only_shrinks, safe_when
from config.schema_walk import replace_at
from config.vocabulary import Word, is_safest, judge_words

DEV = "config/environments/dev.yaml"
PLACE = Span(DEV, 8, 1, 8, 11)


@pytest.mark.parametrize(
    ("nature", "value", "safest"),
    [
        (safe_when(True, "x"), True, True),
        (safe_when(True, "x"), False, False),
        (safe_when(False, "x"), False, True),
        (from_safest("x", "off", "on"), "off", True),
        (from_safest("x", "off", "on"), "on", False),
        (only_shrinks("x"), (), True),
        (only_shrinks("x"), ("a",), False),
        (only_grows("x"), (), None),
        (at_most("x", unit="y", cap=3), 3, None),
        (neutral("x", why="identity"), "a", None),
    ],
)
def test_safe_value_follows_from_the_nature(nature: Any, value: Any, safest: bool | None) -> None:
    assert is_safest(value, nature) is safest


def judged(
    desired: DesiredState, path: KeyPath, value: Any, word: KeyPath | None = None
) -> list[tuple[Any, ...]]:
    changed = replace_at(desired.environments["dev"], path, value)
    document = replace(desired.documents[DEV], value=changed)
    head = replace(desired, documents={**desired.documents, DEV: document})
    found = judge_words([Word(DEV, word or path, "unknown", PLACE)], head)
    return [(f.rule, f.severity.value, f.path, f.message) for f in found]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("debug_mode",), True),
        (("tier",), "staging"),
        (("venue", "mode"), "paper"),
        (("alerting", "enabled"), False),
    ],
)
def test_new_key_away_from_its_safe_value_is_refused(
    desired: DesiredState, path: KeyPath, value: Any
) -> None:
    name = ".".join(map(str, path))
    message = f"new key `{name}` does not carry its safe value"
    assert judged(desired, path, value) == [("CFG018", "error", name, message)]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("debug_mode",), False),
        (("tier",), "dev"),
        (("limits", "max_order_value"), Decimal(1)),
        (("url",), "https://x"),
    ],
)
def test_new_key_at_its_safe_value_is_told(desired: DesiredState, path: KeyPath, value: Any) -> None:
    name = ".".join(map(str, path))
    assert judged(desired, path, value) == [
        ("CFG019", "warning", name, f"key `{name}` is new to the language")
    ]


def test_new_section_is_judged_leaf_by_leaf(desired: DesiredState) -> None:
    found = judged(desired, ("venue", "mode"), "live", ("venue",))
    assert [(rule, path) for rule, _, path, _ in found] == [("CFG018", "venue.mode")]


def test_refusal_names_the_safe_value(desired: DesiredState) -> None:
    (found,) = judge_words([Word(DEV, ("debug_mode",), "unknown", PLACE)], desired)
    assert found.help == "introduce it at its safe value (`false`); change it in a pull request of its own"
    assert (found.span.file, found.span.line) == (DEV, 8)


def test_key_that_leaves_the_language_is_told(desired: DesiredState) -> None:
    (found,) = judge_words([Word(DEV, ("old_key",), "missing", PLACE)], desired)
    assert (found.rule, found.message) == ("CFG019", "key `old_key` leaves the language")
    (whole,) = judge_words([Word("config/teams.yaml", (), "unknown", PLACE)], desired)
    assert whole.message == "file `config/teams.yaml` is new to the language"


def test_word_travels_as_plain_values() -> None:
    word = Word(DEV, ("items", 0, "x"), "missing", PLACE)
    assert Word.parse(word.plain()) == word
