"""The one door for a file: typed documents, or every reason at its exact place."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import pytest

from config.document import Document
from config.findings import Refused
from config.models.nature import at_most, neutral
from config.models.section import section
from config.reading import read_document
from config.reading.problem import MAX_PROBLEMS
from config.tree import FILE, Blob, blob_id


@section
class Small:
    """A small document."""

    schema: Annotated[int, neutral("version", why="identity")]
    on: Annotated[bool, neutral("switch", why="test")]
    most: Annotated[Decimal, at_most("most", unit="x", cap="9.0")]
    name: Annotated[str, neutral("name", why="identity", grammar="[a-z]+")]
    says: Annotated[str, neutral("words", why="people's words", free_text=True)]
    items: Annotated[tuple[str, ...], neutral("items", why="test", grammar="[A-Z]+")]


GOOD = 'schema: 1\n"on": true\nmost: 5.0\nname: abc\nsays: "hello"\nitems: [A, B]\n'


def read(text: str | bytes) -> Document[Small] | Refused:
    data = text if isinstance(text, bytes) else text.encode()
    return read_document("config/small.yaml", Blob(data, FILE, blob_id(data)), Small)


def reasons(text: str | bytes) -> list[tuple[str, int, int, str]]:
    answer = read(text)
    assert isinstance(answer, Refused)
    return [(f.rule, f.span.line, f.span.column, f.message) for f in answer.findings]


def test_good_document_is_typed_and_placed() -> None:
    answer = read(GOOD)
    assert isinstance(answer, Document)
    assert answer.value == Small(
        schema=1, on=True, most=Decimal("5.0"), name="abc", says="hello", items=("A", "B")
    )
    place = answer.places.value(("items", 1))
    assert (place.line, place.column, place.end_line, place.end_column) == (6, 12, 6, 13)
    assert answer.places.key(("most",)).column == 1
    assert answer.blob_id == blob_id(GOOD.encode())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("true", "yes", ("CFG003", 2, 7, "`on` must be true or false, found `yes`")),
        ("5.0", "5", ("CFG003", 3, 7, "`most` must be a decimal number, found `5`")),
        ("5.0", "1e3", ("CFG003", 3, 7, "`most` must be a decimal number, found `1e3`")),
        ("5.0", ".5", ("CFG003", 3, 7, "`most` must be a decimal number, found `.5`")),
        ("5.0", "05.0", ("CFG003", 3, 7, "`most` must be a decimal number, found `05.0`")),
        ("abc", "off", ("YAML016", 4, 7, "`off` must be quoted to be the text of `name`")),
        ("abc", "ABC", ("CFG004", 4, 7, "`name` does not fit its grammar, found `ABC`")),
        ("abc", "аbc", ("YAML016", 4, 7, "`аbc` must be quoted to be the text of `name`")),
        ("abc", '"аbc"', ("CFG013", 4, 7, "`name` contains `а` (U+0430), which is not ASCII")),
        ('"hello"', '"e\u0301"', ("CFG013", 5, 7, "`says` is not in normal form NFC")),
        ("[A, B]", "[A, b]", ("CFG004", 6, 12, "`items` does not fit its grammar, found `b`")),
        ("[A, B]", "A", ("CFG003", 6, 8, "`items` must be a list, found `A`")),
        ("abc", "", ("CFG003", 4, 6, "`name` must be a text, found nothing")),
        ("name: abc\n", "", ("CFG002", 1, 1, "missing key `name`")),
        ("name: abc", "nam: abc", ("CFG001", 4, 1, "unknown key `nam`")),
        ("name: abc", "name: abc\nname: abd", ("YAML013", 5, 1, "key `name` stands here twice")),
        ("abc", "a\tc", ("YAML003", 4, 8, "file contains a tab (U+0009)")),
        ("abc", "abc\r", ("YAML003", 4, 10, "file contains a carriage return (U+000D)")),
        ("abc", "&a abc", ("YAML007", 4, 7, "anchor `&a`")),
        ("abc", "!!str abc", ("YAML008", 4, 7, "tag `tag:yaml.org,2002:str`")),
        ("schema", "---\nschema", ("YAML009", 1, 1, "document marker `---`")),
        ("schema: 1", "schema: 2", ("CFG005", 1, 9, "schema version 2, this tool reads version 1")),
        ('"hello"', '"h\\u0065llo"', ("YAML015", 5, 7, "escape in a quoted text")),
        ('"hello"', "|\n  hello", ("YAML012", 5, 7, "block text")),
        ("[A, B]", "[A,\n B]", ("YAML012", 6, 8, "list or mapping in brackets spread over several lines")),
    ],
)
def test_bad_value_is_refused_at_its_place(old: str, new: str, reason: tuple[str, int, int, str]) -> None:
    assert reason in reasons(GOOD.replace(old, new, 1))


def test_failure_inside_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str, problems: object) -> None:
        raise RecursionError("too\ndeep")

    monkeypatch.setattr("config.reading.read.read_nodes", fail)
    assert reasons(GOOD) == [("YAML000", 1, 1, "the reader failed with RecursionError: too?deep")]


def test_reasons_end_at_what_a_person_reads() -> None:
    found = reasons("".join(f"k{at}: 1\n" for at in range(500)))
    assert len(found) == MAX_PROBLEMS
    found = reasons("k: 1\n" * 500)
    assert len(found) == MAX_PROBLEMS


@pytest.mark.parametrize("text", ["[1]\n", '"text"\n', "schema\n"])
def test_document_that_is_no_mapping_is_refused(text: str) -> None:
    assert [(rule, line) for rule, line, *_ in reasons(text)] == [("CFG003", 1)]
