"""An auditor's questions: who changed a key, when, since when it runs, and does the story still hold."""

from __future__ import annotations

from typing import Any

import pytest

from ci.delivery.history import history, parse_key
from ci.delivery.ledger import Head
from ci.delivery.proof import discrepancies
from ci.delivery.source import Source
from ci.errors import UsageError
from ci.git import Repository

UX = "advanced_ux_features"
KEY = ("flags", UX, "enabled")


def told(desk: Any, key: tuple[str, ...] = KEY, rows: Any = ()) -> list[tuple[str, str, str, str]]:
    found = history(Repository(desk.root), "HEAD", "dev", key, rows)
    return [(each.facts.commit, each.before, each.after, each.effective) for each in found]


def test_every_change_is_told_newest_first(desk: Any) -> None:
    on = desk.set_flag("dev", UX, True, "50.0")
    desk.set_flag("dev", UX, True, "60.0")
    off = desk.set_flag("dev", UX, False, "0.0")
    assert told(desk) == [
        (off, "true", "false", ""),
        (on, "false", "true", ""),
        (desk.first, "-", "false", ""),
    ]


def test_change_runs_since_its_own_or_a_later_receipt(desk: Any) -> None:
    desk.apply()
    on = desk.set_flag("dev", UX, True, "50.0")
    desk.set_flag("dev", "paper_trading_enabled", False, "0.0")
    answer = desk.apply()
    found = told(desk, rows=desk.rows())
    assert [(commit, effective.partition(" (")[2]) for commit, _, _, effective in found] == [
        (on, f"receipt {answer.done.receipt})"),
        (desk.first, "receipt 2)"),
    ]


def test_merge_that_keeps_the_old_side_hides_nothing(desk: Any) -> None:
    """06 §0.2: `git log -- file` shows neither the incident nor its undoing; the first-parent line shows both."""
    desk.git("switch", "-q", "-c", "feature")
    desk.commit("beside")
    desk.git("switch", "-q", "main")
    incident = desk.set_flag("dev", UX, True, "100.0")
    desk.git("merge", "-q", "--no-ff", "--no-commit", "feature")
    desk.git("checkout", desk.first, "--", "config")
    undone = desk.commit("merge feature")
    plain = desk.git("log", "--format=%H", "--", "config/environments/dev.yaml").split()
    assert incident not in plain
    assert [commit for commit, *_ in told(desk)] == [undone, incident, desk.first]


def test_key_that_never_was_is_a_usage_error(desk: Any) -> None:
    with pytest.raises(
        UsageError, match=r"no commit of this line has the key `flags\.nothing` in config/environments"
    ):
        told(desk, ("flags", "nothing"))
    with pytest.raises(UsageError, match="is no key"):
        parse_key("flags..enabled")


def test_story_holds_for_every_receipt(desk: Any) -> None:
    desk.apply()
    desk.set_flag("dev", "paper_trading_enabled", False, "0.0")
    desk.apply()
    repository = Repository(desk.root)
    line = repository.first_parents("HEAD")
    assert discrepancies(Source(repository, "dev"), line, desk.rows(), None) == []
    cut = discrepancies(Source(repository, "dev"), line, desk.rows()[:-1], Head(len(desk.rows()), "f" * 64))
    assert cut == ["ledger: the record ends at row 4, row 5 was seen here before"]


def test_receipt_outside_the_line_is_told(desk: Any) -> None:
    desk.set_flag("dev", UX, True, "50.0")
    answer = desk.apply()
    desk.git("reset", "-q", "--hard", desk.first)
    repository = Repository(desk.root)
    found = discrepancies(Source(repository, "dev"), repository.first_parents("HEAD"), desk.rows(), None)
    assert found == [f"receipt 2: commit {answer.commit[:12]} is not on this first-parent line"]
