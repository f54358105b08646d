"""Approvals are read strictly, and each misuse is told where it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from config.findings import Refused, Span
from config.tree import FolderTree
from policies.approval_file import read_approvals
from policies.approvals import FILE, Approval, misuses

TODAY = date(2026, 11, 20)
ENTRY = """schema: 1
approvals:
  - environment: staging
    resource: interlock-staging-postgres
    operation: replace
    reason: "moves to another name, nothing is in it"
    ticket: OPS-12
    owner: dev.one
    approver: dev.two
    created: "2026-11-19"
    expires: "2026-12-01"
"""
SOUND = Approval(
    "staging", "interlock-staging-postgres", "replace", "moves to another name, nothing is in it", "OPS-12",
    "dev.one", "dev.two", "2026-11-19", "2026-12-01", Span(FILE, 4, 15, 4, 41),
)  # fmt: skip


def _tree(folder: Path, text: str) -> FolderTree:
    (folder / "config" / "records").mkdir(parents=True)
    (folder / FILE).write_text(text)
    return FolderTree(folder)


def test_an_approval_is_read_with_its_place(tmp_path: Path) -> None:
    assert read_approvals(_tree(tmp_path, ENTRY)) == (SOUND,)


def test_no_file_and_no_entry_approve_nothing(tmp_path: Path) -> None:
    assert read_approvals(FolderTree(tmp_path)) == ()
    assert read_approvals(_tree(tmp_path, "schema: 1\napprovals: []\n")) == ()


MALFORMED = [
    ("    operation: replace\n", "    operation: rename\n", (5, 16)),
    ("ticket: OPS-12", "ticket: soon", (7, 13)),
    ("    approver: dev.two\n", "", (3, 5)),
    ("    owner: dev.one\n", "    owner: dev.one\n    boss: x\n", (9, 11)),
    ("resource: interlock-staging-postgres", 'resource: "*"', (4, 15)),
]


@pytest.mark.parametrize(("old", "new", "place"), MALFORMED)
def test_a_malformed_approval_is_refused_at_its_place(
    tmp_path: Path, old: str, new: str, place: tuple[int, int]
) -> None:
    assert old in ENTRY
    found = read_approvals(_tree(tmp_path, ENTRY.replace(old, new)))
    assert isinstance(found, Refused)
    assert [(one.rule, one.span.line, one.span.column) for one in found.findings] == [("WAV029", *place)]


MISUSED = {
    "expired": ({"expires": "2026-11-19"}, "WAV021", "approval expired"),
    "self": ({"approver": "dev.one"}, "WAV025", "approval by its owner"),
    "long": ({"expires": "2026-12-31"}, "WAV026", "approval too long"),
    "nowhere": ({"environment": "stagging"}, "WAV027", "approval of an unknown environment"),
    "tomorrow": ({"created": "2026-11-21"}, "WAV028", "approval with impossible days"),
    "backwards": ({"expires": "2026-11-18"}, "WAV028", "approval with impossible days"),
    "no day": ({"expires": "2026-02-30"}, "WAV028", "approval with impossible days"),
}


@pytest.mark.parametrize(("changes", "rule", "title"), MISUSED.values(), ids=list(MISUSED))
def test_each_misuse_is_told_where_it_stands(changes: dict[str, str], rule: str, title: str) -> None:
    one = replace(SOUND, **changes)  # type: ignore[arg-type]
    (found,) = misuses([one], ["staging", "production"], TODAY)
    assert (found.rule, found.span) == (rule, SOUND.span)
    assert found.message == f"{title}: replace of `interlock-staging-postgres` in {one.environment}"


def test_two_for_one_store_are_both_told() -> None:
    both = [SOUND, replace(SOUND, operation="delete")]
    assert [one.rule for one in misuses(both, ["staging"], TODAY)] == ["WAV024", "WAV024"]


def test_a_sound_one_is_no_misuse_on_its_last_day() -> None:
    assert list(misuses([SOUND], ["staging"], date(2026, 12, 1))) == []
