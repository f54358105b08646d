"""Base reads what another version wrote: differences of language are set aside, everything else stays strict."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest

from config.desired import DesiredState
from config.document import Document
from config.findings import Refused
from config.models.nature import at_most, neutral, safe_when
from config.models.section import section
from config.reading import read_document
from config.reading.load import load
from config.reading.tolerant import Tolerant, Tolerated, load_tolerantly
from config.tree import FILE, Blob, Entry, FolderTree, blob_id
from config.vocabulary import Word

ROOT = Path(__file__).resolve().parents[3]
FILE_NAME = "config/x.yaml"
DEV = "config/environments/dev.yaml"


@section
class OldPart:
    """A part as base knows it."""

    most: Annotated[Decimal, at_most("most", unit="x", cap="9.0")]
    dropped: Annotated[bool, safe_when(False, "switch")]


@section
class Old:
    """A document as base knows it."""

    schema: Annotated[int, neutral("version", why="identity")]
    parts: Annotated[Mapping[str, OldPart], neutral("parts", why="identity", grammar="[a-z]+")]
    items: Annotated[tuple[OldPart, ...], neutral("items", why="a list")]


OLD = """\
schema: 1
parts:
  a:
    most: 1.0
    dropped: true
items:
  - most: 2.0
    dropped: false
"""
NEW = """\
schema: 1
parts:
  a:
    most: 3.0
    added: true
items:
  - most: 2.0
    added: false
    more:
      deep: [1, x]
"""


def blob(text: str) -> Blob:
    return Blob(text.encode(), FILE, blob_id(text.encode()))


def strictly(text: str) -> Document[Any]:
    document = read_document(FILE_NAME, blob(text), Old)
    assert isinstance(document, Document)
    return document


def tolerantly(text: str, known: str | None = OLD) -> tuple[Document[Any] | Refused, list[Word]]:
    language = Tolerant({} if known is None else {FILE_NAME: strictly(known)})
    return language.read(FILE_NAME, blob(text), Old), language.words


def said(words: list[Word] | tuple[Word, ...]) -> list[tuple[str, str, int, int]]:
    return [(word.kind, ".".join(map(str, word.path)), word.span.line, word.span.column) for word in words]


def test_known_file_has_no_words() -> None:
    document, words = tolerantly(OLD)
    assert isinstance(document, Document)
    assert (document.value, words) == (strictly(OLD).value, [])


def test_unknown_keys_are_set_aside_and_missing_ones_kept_as_they_were() -> None:
    document, words = tolerantly(NEW)
    assert isinstance(document, Document)
    assert document.value.parts["a"] == OldPart(most=Decimal("3.0"), dropped=True)
    assert document.value.items == (OldPart(most=Decimal("2.0"), dropped=False),)
    assert said(words) == [
        ("unknown", "parts.a.added", 5, 5),
        ("missing", "parts.a.dropped", 4, 5),
        ("unknown", "items.0.added", 8, 5),
        ("unknown", "items.0.more", 9, 5),
        ("missing", "items.0.dropped", 7, 5),
    ]


def test_places_are_those_of_the_file_itself() -> None:
    document, _ = tolerantly(NEW)
    assert isinstance(document, Document)
    assert document.places.value(("parts", "a", "added")).line == 5
    assert document.places.value(("parts", "a", "dropped")).line == 3


@pytest.mark.parametrize(
    ("text", "known", "rule"),
    [
        (NEW, None, "CFG002"),
        (OLD.replace("  a:", "  b:").replace("    dropped: true\n", ""), OLD, "CFG002"),
        (NEW.replace("3.0", "3"), OLD, "CFG003"),
        (NEW.replace("added: true", "added: true\n    added: true"), OLD, "YAML013"),
        (NEW.replace("added: true", "added: &x true"), OLD, "YAML007"),
        (NEW.replace("schema: 1", "schema: 3"), OLD, "CFG005"),
    ],
)
def test_everything_else_is_refused_as_always(text: str, known: str | None, rule: str) -> None:
    answer, _ = tolerantly(text, known)
    assert isinstance(answer, Refused)
    assert rule in [found.rule for found in answer.findings]


def test_next_version_is_read_with_the_version_as_a_word() -> None:
    document, words = tolerantly(OLD.replace("schema: 1", "schema: 2"))
    assert isinstance(document, Document)
    assert (document.value.schema, said(words)) == (1, [("unknown", "schema", 1, 1)])


class Edited:
    """The real tree with some files changed, added or (None) removed."""

    label = "test"

    def __init__(self, changes: dict[str, str | None]) -> None:
        self._real = FolderTree(ROOT)
        self._changes = changes

    def entries(self, prefix: str) -> tuple[Entry, ...]:
        kept = {entry.path: entry for entry in self._real.entries(prefix) if entry.path not in self._changes}
        added = {path: Entry(path, FILE) for path, text in self._changes.items() if text is not None}
        return tuple(sorted({**kept, **added}.values(), key=lambda entry: entry.path))

    def read(self, path: str) -> Blob | None:
        if path not in self._changes:
            return self._real.read(path)
        text = self._changes[path]
        return None if text is None else blob(text)


def test_tree_of_another_language_is_read_whole(desired: DesiredState) -> None:
    dev = (
        (ROOT / DEV)
        .read_text()
        .replace("debug_mode: true\n", "debug_level: 3\n")
        .replace("phase: 1", "phase: 2")
    )
    tree = Edited({DEV: dev, "config/parity.yaml": None, "config/teams.yaml": "schema: 1\n"})
    answer = load_tolerantly(tree, desired)
    assert isinstance(answer, Tolerated)
    assert answer.desired.environments["dev"].phase == 2
    assert answer.desired.environments["dev"].debug_mode is True
    assert answer.desired.catalogue.parity == desired.catalogue.parity
    assert [(word.kind, word.file, ".".join(map(str, word.path))) for word in answer.words] == [
        ("unknown", "config/teams.yaml", ""),
        ("missing", "config/parity.yaml", ""),
        ("unknown", DEV, "debug_level"),
        ("missing", DEV, "debug_mode"),
    ]
    assert isinstance(load(tree), Refused)


def test_real_tree_is_the_same_to_a_tolerant_reader(desired: DesiredState) -> None:
    answer = load_tolerantly(FolderTree(ROOT), None)
    assert isinstance(answer, Tolerated)
    assert answer.words == ()
    assert answer.desired.environments == desired.environments
    assert answer.desired.catalogue == desired.catalogue


@pytest.mark.parametrize(
    "path",
    ["config/.hidden.yaml", "config/environments/x/y.yaml", "config/notes.txt", "config/models/evil.yaml"],
)
def test_other_stray_files_stay_refused(desired: DesiredState, path: str) -> None:
    assert isinstance(load_tolerantly(Edited({path: "schema: 1\n"}), desired), Refused)


def test_file_missing_on_both_sides_is_refused() -> None:
    assert isinstance(load_tolerantly(Edited({"config/parity.yaml": None}), None), Refused)
