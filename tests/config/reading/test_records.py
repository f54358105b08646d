"""Records are typed by cerberus, and none of its leniencies gets through."""

from __future__ import annotations

import subprocess
import sys

import pytest

from config.findings import Refused
from config.models.records import Release
from config.reading.records import Releases, read_releases
from config.tree import FILE, Blob, Entry, blob_id

FILE_NAME = "config/records/releases.yaml"
ENTRY = """\
schema: 1
releases:
  - environment: dev
    epoch: 3
    person: ada
    approver: null
    reason: "drill is over"
    scope: global
    day: "2026-11-20"
"""


class OneFile:
    """A tree of one file."""

    label = "test"

    def __init__(self, text: str | None) -> None:
        self._text = text

    def entries(self, prefix: str) -> tuple[Entry, ...]:
        return ()

    def read(self, path: str) -> Blob | None:
        data = (self._text or "").encode()
        return None if self._text is None else Blob(data, FILE, blob_id(data))


def read(text: str | None) -> Releases | Refused:
    return read_releases(FILE_NAME, OneFile(text))


def reasons(text: str) -> list[tuple[str, int, int, str]]:
    answer = read(text)
    assert isinstance(answer, Refused)
    return [(f.rule, f.span.line, f.span.column, f.message) for f in answer.findings]


def test_release_is_typed() -> None:
    answer = read(ENTRY)
    assert isinstance(answer, Releases)
    assert answer.releases == (
        Release(
            environment="dev",
            epoch=3,
            person="ada",
            approver=None,
            reason="drill is over",
            scope="global",
            day="2026-11-20",
        ),
    )


def test_no_file_and_no_entry_mean_no_release() -> None:
    assert read(None) == Releases((), None)
    answer = read("schema: 1\nreleases: []\n")
    assert isinstance(answer, Releases)
    assert answer.releases == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("epoch: 3", "epoch: true", ("CFG014", 4, 12, "`epoch` must be of type integer")),
        ("epoch: 3", 'epoch: "3"', ("CFG014", 4, 12, "`epoch` must be of type integer")),
        ("epoch: 3", "epoch: 3.0", ("CFG014", 4, 12, "`epoch` must be of type integer")),
        ("epoch: 3", "epoch: 0", ("CFG014", 4, 12, "`epoch` breaks the rule `min: 1`")),
        ("epoch: 3", "epoch: null", ("CFG014", 4, 12, "`epoch` must not be null")),
        ("    epoch: 3\n", "", ("CFG014", 3, 5, "missing key `epoch`")),
        ("epoch: 3", "epoch: 3\n    epochs: 4", ("CFG014", 5, 13, "unknown key `epochs`")),
        (
            "person: ada",
            "person: Ada",
            ("CFG014", 5, 13, "`person` does not fit its grammar `[a-z][a-z0-9]*([._-][a-z0-9]+)*`"),
        ),
        ("person: ada", "person: on", ("YAML016", 5, 13, "`on` must be quoted to be a text")),
        ('"drill is over"', '""', ("CFG014", 7, 13, "`reason` does not fit its grammar `\\S(.{0,398}\\S)?`")),
        (
            '"drill is over"',
            '"   "',
            ("CFG014", 7, 13, "`reason` does not fit its grammar `\\S(.{0,398}\\S)?`"),
        ),
        ("approver: null", "approver: a.da", ("CFG014", 6, 15, "`a.da` approves a release of their own")),
        ("2026-11-20", "2026-11-31", ("CFG014", 9, 10, "`2026-11-31` is no day of the calendar")),
        ("schema: 1", "schema: 1.0", ("CFG014", 1, 9, "`schema` must be of type integer")),
        ("schema: 1", "schema: true", ("CFG014", 1, 9, "`schema` must be of type integer")),
        ("schema: 1", "schema: 2", ("CFG005", 1, 9, "schema version 2, this tool reads version 1")),
    ],
)
def test_bad_record_is_refused_at_its_place(old: str, new: str, reason: tuple[str, int, int, str]) -> None:
    assert reasons(ENTRY.replace(old, new, 1)) == [reason]


def test_one_release_twice_is_refused() -> None:
    twice = ENTRY + "".join(ENTRY.splitlines(keepends=True)[2:])
    assert reasons(twice) == [("CFG014", 11, 12, "epoch 3 of `dev` is released twice for global")]


@pytest.mark.parametrize("schema", ["true", "1.0", '"1"', "null", "0"])
def test_an_empty_record_file_is_typed_too(schema: str) -> None:
    assert isinstance(read(f"schema: {schema}\nreleases: []\n"), Refused)


@pytest.mark.parametrize(
    "text",
    ["- 1\n", '"text"\n', "schema: 1\n", "schema: 1\nreleases: [1]\n", "schema: 1\nreleases: null\n"],
)
def test_another_form_is_refused(text: str) -> None:
    assert isinstance(read(text), Refused)


def test_cerberus_is_imported_only_for_a_record() -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom config.reading import load\nfrom config.tree import FolderTree\n"
        "load(FolderTree(Path(sys.argv[1])))\n"
        "print([name for name in ('cerberus', 'pydantic', 'ruamel', 'ruamel.yaml') if name in sys.modules])"
    )
    root = __file__.rsplit("/tests/", 1)[0]
    done = subprocess.run(
        [sys.executable, "-c", program, root], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "[]"
