"""What changed is what the diff shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.document import Document
from config.models.catalogue import Flags
from config.models.environment import Environment
from config.models.rollouts import Rollouts
from config.reading import read_document
from config.reading.honesty import Honesty, compare
from config.reading.records import Releases, read_releases
from config.schema_walk import replace_at
from config.tree import FILE, Blob, FolderTree, blob_id

ROOT = Path(__file__).resolve().parents[3]
FLAGS = "config/flags.yaml"
DEV = "config/environments/dev.yaml"


def document(file: str, text: str, cls: type[Any]) -> Document[Any]:
    data = text.encode()
    answer = read_document(file, Blob(data, FILE, blob_id(data)), cls)
    assert isinstance(answer, Document), answer
    return answer


def judged(file: str, cls: type[Any], *edits: tuple[str, str]) -> Honesty:
    text = after = (ROOT / file).read_text()
    for old, new in edits:
        assert old in after
        after = after.replace(old, new, 1)
    return compare(document(file, text, cls), document(file, after, cls), text, after)


def test_equal_versions_have_nothing_to_say() -> None:
    assert judged(DEV, Environment) == Honesty((), ())


@pytest.mark.parametrize(
    "edit",
    [
        ("phase: 1", "phase: 2"),
        ("accounts: [ACCT-DEV-1]", "accounts: [ACCT-DEV-1, ACCT-DEV-2]"),
        ("accounts: [ACCT-DEV-1]", "accounts: []"),
        ("    fast: 10\n", ""),
        ("    fast: 10\n", "    fast: 10\n    new: 1\n"),
        ("    fast: 10\n", "    faster: 10\n"),
        ("  live_schema: null", "  live_schema: live_dev"),
    ],
)
def test_visible_change_is_honest(edit: tuple[str, str]) -> None:
    honesty = judged(DEV, Environment, edit)
    assert honesty == Honesty((), ())


@pytest.mark.parametrize(
    ("edit", "form"),
    [
        (("phase: 1", "phase: 1  # first"), "comment"),
        (("phase: 1", "# first\nphase: 1"), "comment line"),
        (("phase: 1", "\nphase: 1"), "blank line"),
        (("phase: 1", "phase:  1"), "spacing"),
        (("tier: dev", 'tier: "dev"'), "quotes"),
        (("start_cash: 100000.0", "start_cash: 100000.00"), "spelling"),
        (("environment: dev\ntier: dev\n", "tier: dev\nenvironment: dev\n"), "order"),
    ],
)
def test_edit_of_form_is_listed_only(edit: tuple[str, str], form: str) -> None:
    honesty = judged(DEV, Environment, edit)
    assert honesty.findings == ()
    assert [found.form for found in honesty.form_only] == [form]


LADDERS = "config/rollouts.yaml"


@pytest.mark.parametrize(
    "edit",
    [
        ("            value: 0.95\n", "            value: 0.96\n"),
        ("          - metric: critical_errors\n            must_be: at_most\n            value: 0.0\n", ""),
        (
            "        roll_back_when_not:\n",
            "          - metric: fresh\n            must_be: at_most\n            value: 0.0\n"
            "        roll_back_when_not:\n",
        ),
        ("flags_on: [paper_trading_enabled, simul", "flags_on: [other_flag, simul"),
    ],
)
def test_change_inside_a_list_is_honest(edit: tuple[str, str]) -> None:
    assert judged(LADDERS, Rollouts, edit).findings == ()


def test_added_item_hidden_among_equal_lines_is_refused() -> None:
    text = (ROOT / DEV).read_text()
    before = document(DEV, text, Environment)
    lied = replace(before, value=replace_at(before.value, ("alerting", "critical"), ("email",)))
    (found,) = compare(before, lied, text, text).findings
    assert (found.path, found.related) == ("alerting.critical.0", ())
    (found,) = compare(lied, before, text, text).findings
    assert (found.path, found.related) == ("alerting.critical.0", ())


def test_removed_comment_is_listed_where_it_stood() -> None:
    text = (ROOT / DEV).read_text()
    first = text.split("\n")[0]
    (found,) = judged(DEV, Environment, (first + "\n", "")).form_only
    assert (found.form, found.gone, found.span.line) == ("comment line", True, 1)


def test_items_of_a_list_are_aligned_by_value() -> None:
    old = "prerequisites: [emergency_stop_enabled, paper_trading_enabled]"
    new = "prerequisites: [paper_trading_enabled, emergency_stop_enabled]"
    honesty = judged(FLAGS, Flags, (old, new))
    assert honesty.findings == ()
    assert [found.form for found in honesty.form_only] == ["spelling"]


SWAPPED = """\
schema: 1
flags: {}
retired:
  ONE:
    since: "2020-01-01"
    reason: "a"
  TWO:
    since: "2021-01-01"
    reason: "b"
"""


def test_value_moved_by_renamed_neighbours_is_refused() -> None:
    before = SWAPPED.replace("ONE", "aa").replace("TWO", "bb")
    after = SWAPPED.replace("ONE", "bb").replace("TWO", "aa")
    honesty = compare(document(FLAGS, before, Flags), document(FLAGS, after, Flags), before, after)
    assert [(f.rule, f.path, f.span.line, f.related[0].span.line) for f in honesty.findings] == [
        ("CFG016", "retired.bb.since", 5, 8),
        ("CFG016", "retired.bb.reason", 6, 9),
        ("CFG016", "retired.aa.since", 8, 5),
        ("CFG016", "retired.aa.reason", 9, 6),
    ]
    assert (
        honesty.findings[0].message == "`retired.bb.since` changed on a line that the text diff does not show"
    )


def test_other_bytes_than_the_diff_shows_are_refused() -> None:
    text = (ROOT / DEV).read_text()
    before = document(DEV, text, Environment)
    honesty = compare(before, before, text, text + "# x\n")
    assert [found.message for found in honesty.findings] == ["reader read other bytes than the diff shows"]


def test_reader_that_lies_is_found_out() -> None:
    text = (ROOT / DEV).read_text()
    before = document(DEV, text, Environment)
    lied = replace(before, value=replace(before.value, phase=4))
    assert [found.path for found in compare(before, lied, text, text).findings] == ["phase"]


def test_first_release_stands_on_the_lines_the_diff_shows(tmp_path: Path) -> None:
    empty = "schema: 1\nreleases: []\n"
    record = (
        "schema: 1\nreleases:\n  - environment: dev\n    epoch: 1\n    person: rob\n    approver: null\n"
        '    reason: "understood"\n    scope: global\n    day: "2026-11-20"\n'
    )
    documents = []
    for text in (empty, record):
        (tmp_path / "releases.yaml").write_text(text)
        found = read_releases("releases.yaml", FolderTree(tmp_path))
        assert isinstance(found, Releases)
        assert found.document is not None
        documents.append(found.document)
    assert compare(documents[0], documents[1], empty, record).findings == ()
