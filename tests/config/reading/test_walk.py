"""Form is judged on the events: one document, no indirection, one line per value, keys once."""

from __future__ import annotations

import pytest

from config.reading.nodes import Mapping, Scalar, Sequence
from config.reading.problem import Problem
from config.reading.walk import MAX_DEPTH, MAX_EVENTS, read_nodes


def reasons(text: str) -> list[tuple[str, int, int, str]]:
    problems: list[Problem] = []
    read_nodes(text, problems)
    return [(p.rule, p.start.line + 1, p.start.column + 1, p.message) for p in problems]


def test_nodes_keep_text_style_and_place() -> None:
    root = read_nodes('é: "x"\nb: [1, {c: d}]\ne:\n  - f: 1\n', [])
    assert isinstance(root, Mapping)
    key, value = root.entries["é"]
    assert isinstance(value, Scalar)
    assert (
        key.start_mark.column,
        value.value,
        value.style,
        value.start_mark.column,
        value.end_mark.column,
    ) == (
        0,
        "x",
        '"',
        3,
        6,
    )
    flow = root.entries["b"][1]
    assert isinstance(flow, Sequence)
    assert (flow.start_mark.column, flow.end_mark.column, len(flow.items)) == (3, 14, 2)
    block = root.entries["e"][1]
    assert (block.start_mark.line, block.start_mark.column, block.end_mark.line, block.end_mark.column) == (
        3,
        2,
        3,
        8,
    )


NO_TOKEN = "not YAML: while scanning for the next token found character that cannot start any token"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ("YAML014", 1, 1, "file holds no document")),
        ("# only words\n", ("YAML014", 1, 1, "file holds no document")),
        ("a: &x 1\n", ("YAML007", 1, 4, "anchor `&x`")),
        ("a: &x [1]\n", ("YAML007", 1, 4, "anchor `&x`")),
        ("&x a: 1\n", ("YAML007", 1, 1, "anchor `&x`")),
        ("a: *x\n", ("YAML007", 1, 4, "alias `*x`")),
        ("*x : 1\n", ("YAML007", 1, 1, "alias `*x`")),
        ("a: !!int 1\n", ("YAML008", 1, 4, "tag `tag:yaml.org,2002:int`")),
        ("a: ! 1\n", ("YAML008", 1, 4, "tag `!`")),
        ("a: !x {b: 1}\n", ("YAML008", 1, 4, "tag `!x`")),
        ("--- a\n", ("YAML009", 1, 1, "document marker `---`")),
        ("a: 1\n---\nb: 1\n", ("YAML009", 2, 1, "document marker `---`")),
        ("a: 1\n...\n", ("YAML009", 2, 1, "document marker `...`")),
        ("%YAML 1.2\n---\na: 1\n", ("YAML009", 1, 1, "directive")),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", ("YAML009", 1, 1, "directive")),
        ("<<: {b: 1}\n", ("YAML010", 1, 1, "merge key `<<`")),
        ("? a\n: 1\n", ("YAML011", 1, 3, "key that is not directly followed by its colon")),
        ("? [a]\n: 1\n", ("YAML011", 1, 3, "key that is not directly followed by its colon")),
        ("[a]: 1\n", ("YAML011", 1, 1, "key that is not directly followed by its colon")),
        ("a : 1\n", ("YAML011", 1, 1, "key that is not directly followed by its colon")),
        ("a: {b}\n", ("YAML011", 1, 5, "key that is not directly followed by its colon")),
        ("a: [b: 1]\n", ("YAML011", 1, 5, "pair inside a list without braces")),
        ("a: |\n  b\n", ("YAML012", 1, 4, "block text")),
        ("a: >-\n  b\n", ("YAML012", 1, 4, "block text")),
        ("a: b\n  c\n", ("YAML012", 1, 4, "text spread over several lines")),
        ('a: "b\n  c"\n', ("YAML012", 1, 4, "text spread over several lines")),
        ("a: [b,\n  c]\n", ("YAML012", 1, 4, "list or mapping in brackets spread over several lines")),
        ("a: {b: 1,\n  c: 2}\n", ("YAML012", 1, 4, "list or mapping in brackets spread over several lines")),
        ("a: 1\nb: 2\na: 3\n", ("YAML013", 3, 1, "key `a` stands here twice")),
        ('a: 1\n"a": 3\n', ("YAML013", 2, 1, "key `a` stands here twice")),
        ("a: {b: 1, b: 2}\n", ("YAML013", 1, 11, "key `b` stands here twice")),
        ('a: "\\x41"\n', ("YAML015", 1, 4, "escape in a quoted text")),
        ('"\\x61": 1\n', ("YAML015", 1, 1, "escape in a quoted text")),
        ("on: 1\n", ("YAML016", 1, 1, "key `on` must be quoted")),
        ("1: 1\n", ("YAML016", 1, 1, "key `1` must be quoted")),
        ("é: 1\n", ("YAML016", 1, 1, "key `é` must be quoted")),
        (
            "a: [1\n",
            ("YAML004", 2, 1, "not YAML: while parsing a flow sequence did not find expected ',' or ']'"),
        ),
        ("a: b: c\n", ("YAML004", 1, 5, "not YAML: mapping values are not allowed in this context")),
        (
            "a: 'b\n",
            ("YAML004", 2, 1, "not YAML: while scanning a quoted scalar found unexpected end of stream"),
        ),
        (
            "a: `b\n",
            ("YAML004", 1, 4, NO_TOKEN),
        ),
    ],
)
def test_form_is_refused_at_its_place(text: str, reason: tuple[str, int, int, str]) -> None:
    assert reason in reasons(text)


def test_duplicate_key_names_both_places() -> None:
    problems: list[Problem] = []
    read_nodes("a: 1\nb: 2\na: 3\n", problems)
    ((start, end, label),) = problems[0].related
    assert (start.line, start.column, end.column, label) == (0, 0, 1, "first stands here")


def test_reader_reports_every_fault_of_form_at_once() -> None:
    assert [rule for rule, *_ in reasons("a: &x 1\nb: *x\na: !t 2\n? c\n: |\n  d\n")] == [
        "YAML007",
        "YAML007",
        "YAML008",
        "YAML013",
        "YAML011",
        "YAML012",
    ]


@pytest.mark.parametrize(
    "text", ['a: "x\\"y\\\\z"\n', "a: '\\n'\n", "a: x # \\n\n", "'a': 1\n", 'a: {"b":1}\n']
)
def test_harmless_spelling_is_read(text: str) -> None:
    assert reasons(text) == []


@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ("{a: ", "}"), ("- ", ""), ("[{a: ", "}]")])
def test_depth_is_bounded_exactly(opens: str, closes: str) -> None:
    levels = MAX_DEPTH // opens.count("[") if opens == "[{a: " else MAX_DEPTH
    levels = MAX_DEPTH // 2 if opens == "[{a: " else levels
    assert reasons(opens * levels + "x" + closes * levels) == []
    found = reasons(opens * (levels + 1) + "x" + closes * (levels + 1))
    assert [(rule, message) for rule, _, _, message in found] == [
        ("YAML005", f"nested deeper than {MAX_DEPTH} levels")
    ]


@pytest.mark.parametrize(
    ("opens", "entry", "closes", "own"),
    [
        ("[", "x, ", "]", 1),
        ("[", "[], ", "]", 2),
        ("[", "[[]], ", "]", 4),
        ("", "- x\n", "", 1),
        ("", "- []\n", "", 2),
    ],
)
def test_number_of_events_is_bounded_exactly(opens: str, entry: str, closes: str, own: int) -> None:
    most = (MAX_EVENTS - 4) // own  # the stream, the document and the list have events of their own
    assert reasons(opens + entry * most + closes) == []
    assert [rule for rule, *_ in reasons(opens + entry * (most + 6) + closes)] == ["YAML006"]
