"""What is written is what is read, and any text at all is a typed document or a refusal."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.document import Document
from config.edit import normal_form, set_value
from config.findings import Refused
from config.models.nature import neutral
from config.models.section import section
from config.reading import read_document
from config.reading.gate import first_unseen
from config.reading.nodes import is_plain_text
from config.tree import FILE, Blob, blob_id

FILE_NAME = "config/x.yaml"


@section
class Everything:
    """A field of each kind."""

    on: Annotated[bool, neutral("switch", why="test")]
    count: Annotated[int, neutral("count", why="test")]
    most: Annotated[Decimal, neutral("most", why="test")]
    either: Annotated[int | Decimal, neutral("either", why="test")]
    maybe: Annotated[str | None, neutral("maybe", why="test", grammar="[ -~]+")]
    says: Annotated[str, neutral("words", why="people's words", free_text=True)]
    items: Annotated[tuple[str, ...], neutral("items", why="test", grammar="[ -~]+")]
    parts: Annotated[Mapping[str, int], neutral("parts", why="test", grammar="[a-z]+")]


def is_said(text: str) -> bool:
    return text.isprintable() and first_unseen(text) is None and unicodedata.is_normalized("NFC", text)


WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12)
SAID = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(is_said)
INTEGERS = st.integers(-(10**15) + 1, 10**15 - 1)
DECIMALS = st.decimals(-(10**12), 10**12, places=4, allow_nan=False).filter(
    lambda value: value != 0 or not value.is_signed()
)
VALUES = st.builds(
    Everything,
    on=st.booleans(),
    count=INTEGERS,
    most=DECIMALS,
    either=st.one_of(INTEGERS, DECIMALS),
    maybe=st.one_of(st.none(), WORDS),
    says=SAID,
    items=st.lists(WORDS, max_size=3).map(tuple),
    parts=st.dictionaries(st.text("abcdefgh", min_size=1, max_size=5), INTEGERS, max_size=3),
)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(value: Everything) -> str:
    maybe = "null" if value.maybe is None else quoted(value.maybe)
    parts = "".join(
        f"\n  {key if is_plain_text(key) else quoted(key)}: {part}" for key, part in value.parts.items()
    )
    lines = (
        f'"on": {"true" if value.on else "false"}',
        f"count: {value.count}",
        f"most: {value.most}",
        f"either: {value.either}",
        f"maybe: {maybe}",
        f"says: {quoted(value.says)}",
        f"items: [{', '.join(map(quoted, value.items))}]",
        f"parts:{parts or ' {}'}",
    )
    return "\n".join(lines) + "\n"


def read(text: str) -> Document[Everything] | Refused:
    data = text.encode()
    return read_document(FILE_NAME, Blob(data, FILE, blob_id(data)), Everything)


@settings(deadline=None)
@given(VALUES)
def test_written_value_is_read_back(value: Everything) -> None:
    answer = read(written(value))
    assert isinstance(answer, Document), answer
    assert answer.value == value
    assert type(answer.value.either) is type(value.either)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES, VALUES, st.sampled_from(["on", "count", "most", "either", "maybe", "items", "says"]))
def test_edit_changes_the_wanted_path_only(before: Everything, after: Everything, name: str) -> None:
    text = normal_form(FILE_NAME, written(before))
    assert isinstance(text, str), text
    wanted = getattr(after, name)
    edited = set_value(FILE_NAME, text, (name,), wanted, Everything)
    assert isinstance(edited, str), edited
    answer = read(edited)
    assert isinstance(answer, Document)
    assert getattr(answer.value, name) == wanted
    others = [other for other in Everything.__section_names__ if other != name]  # type: ignore[attr-defined]
    assert all(getattr(answer.value, other) == getattr(before, other) for other in others)
    assert normal_form(FILE_NAME, edited) == edited


@given(
    st.text(st.sampled_from(list("ab:-?[]{}#&*!|>'\"%@`, \n\t\r\\0123456789.étrue\u2028\ufeff")), max_size=60)
)
def test_any_text_is_typed_or_refused(text: str) -> None:
    answer = read(text)
    assert isinstance(answer, Refused)
    assert all(found.rule != "YAML000" for found in answer.findings)


@pytest.mark.parametrize("data", [b"\xff", b"", b"\x00", b"on: 1"])
def test_any_bytes_are_refused_as_a_value(data: bytes) -> None:
    assert isinstance(read_document(FILE_NAME, Blob(data, FILE, blob_id(data)), Everything), Refused)


@pytest.mark.parametrize("wrong", ["parts: []", "parts: x", "parts: null"])
def test_mapping_field_takes_keys_and_values_only(wrong: str) -> None:
    good = '"on": true\ncount: 1\nmost: 1.0\neither: 1\nmaybe: null\nsays: x\nitems: []\n'
    assert isinstance(read(good + "parts: {}\n"), Document)
    answer = read(good + wrong + "\n")
    assert isinstance(answer, Refused)
    assert [(found.rule, found.span.line, found.path) for found in answer.findings] == [
        ("CFG003", 8, "parts")
    ]
