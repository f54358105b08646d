"""Every path has a place, a missing one that of its nearest ancestor."""

from __future__ import annotations

import pytest

from config.document import KeyPath
from config.reading.places import NodePlaces
from config.reading.walk import read_nodes

TEXT = """\
# words
a: 1
b:
  c: [x, "yé", {k: v}]
  d:
    - name: p
      at: 2
    - name: q
e: []
f: [[x, y], [], {}]
"""
FILE = "config/x.yaml"


def places() -> NodePlaces:
    return NodePlaces(FILE, TEXT, read_nodes(TEXT, []))


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("a",), (2, 1, 2, 2), (2, 4, 2, 5)),
        (("b",), (3, 1, 3, 2), (4, 3, 8, 14)),
        (("b", "c"), (4, 3, 4, 4), (4, 6, 4, 23)),
        (("b", "c", 1), (4, 10, 4, 14), (4, 10, 4, 14)),
        (("b", "c", 2, "k"), (4, 17, 4, 18), (4, 20, 4, 21)),
        (("b", "d", 0), (6, 7, 6, 11), (6, 7, 7, 12)),
        (("b", "d", 1, "name"), (8, 7, 8, 11), (8, 13, 8, 14)),
        (("e",), (9, 1, 9, 2), (9, 4, 9, 6)),
        (("f", 0), (10, 6, 10, 7), (10, 5, 10, 11)),
        (("f", 0, 9), (10, 6, 10, 7), (10, 6, 10, 7)),
        (("f", 1), (1, 1, 1, 1), (10, 13, 10, 15)),
        (("b", "x"), (3, 1, 3, 2), (3, 1, 3, 2)),
        (("b", "d", 1, "at"), (8, 7, 8, 11), (8, 7, 8, 11)),
        (("b", "d", 9), (5, 3, 5, 4), (5, 3, 5, 4)),
        (("b", "d", -1), (5, 3, 5, 4), (5, 3, 5, 4)),
        (("a", "x", "y"), (2, 1, 2, 2), (2, 1, 2, 2)),
        (("zz",), (1, 1, 1, 1), (1, 1, 1, 1)),
    ],
)
def test_path_has_key_and_value_span(
    path: KeyPath, key: tuple[int, int, int, int], value: tuple[int, int, int, int]
) -> None:
    for found, wanted in ((places().key(path), key), (places().value(path), value)):
        assert (found.line, found.column, found.end_line, found.end_column) == wanted
        assert found.file == FILE


def test_finding_points_at_a_value_on_one_line() -> None:
    assert places().at(("a",)).column == 4
    assert (places().at(("b",)).line, places().at(("b",)).column) == (3, 1)


def test_forgotten_nodes_are_read_again() -> None:
    known = places()
    wanted = known.value(("b", "c", 1))
    known.forget_nodes()
    assert known.value(("b", "c", 1)) == wanted
