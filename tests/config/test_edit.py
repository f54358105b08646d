"""Editing changes one value on one line and keeps everything else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.document import KeyPath
from config.edit import is_normal, normal_form, rename_key, set_value
from config.findings import Refused
from config.models.catalogue import Flags, Instruments
from config.models.environment import Environment
from config.models.version import SCHEMA

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "config").rglob("*.yaml"))
DEV = "config/environments/dev.yaml"


def changed_lines(old: str, new: str) -> list[tuple[str, str]]:
    pairs = zip(old.split("\n"), new.split("\n"), strict=True)
    return [pair for pair in pairs if pair[0] != pair[1]]


@pytest.mark.parametrize("file", FILES)
def test_every_file_here_is_in_normal_form(file: str) -> None:
    text = (ROOT / file).read_text()
    assert normal_form(file, text) == text


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("limits", "max_order_value"), Decimal("4000"), "  max_order_value: 4000.0"),
        (("limits", "max_open_positions"), 4, "  max_open_positions: 4"),
        (("debug_mode",), False, "debug_mode: false"),
        (("flags", "live_trading_enabled", "accounts"), ("A-1", "B-2"), "    accounts: [A-1, B-2]"),
        (("flags", "live_trading_enabled", "accounts"), ("1", "on"), '    accounts: ["1", "on"]'),
        (("flags", "paper_trading_enabled", "accounts"), (), "    accounts: []"),
        (("flags", "paper_trading_enabled", "accounts", 0), "ACCT-9", "    accounts: [ACCT-9]"),
        (("url",), "https://dev.example.com", 'url: "https://dev.example.com"'),
        (
            ("database", "live_schema"),
            "live_dev",
            "  live_schema: live_dev  # no live records in dev (seed 000 1.1)",
        ),
        (("strategy", "parameters", "fast"), Decimal("10.5"), "    fast: 10.5"),
        (("sizing", "fixed_quantity"), 3, "  fixed_quantity: 3"),
    ],
)
def test_one_value_changes_one_line(path: KeyPath, value: Any, line: str) -> None:
    text = (ROOT / DEV).read_text()
    edited = set_value(DEV, text, path, value, Environment)
    assert isinstance(edited, str), edited
    assert [new for _, new in changed_lines(text, edited)] == [line]
    assert is_normal(DEV, edited)


def test_there_and_back_gives_the_same_bytes() -> None:
    text = (ROOT / DEV).read_text()
    path = ("flags", "mode_switching_enabled", "enabled")
    there = set_value(DEV, text, path, True, Environment)
    assert isinstance(there, str)
    assert set_value(DEV, there, path, False, Environment) == text


def test_the_same_value_changes_nothing() -> None:
    text = (ROOT / DEV).read_text()
    assert set_value(DEV, text, ("phase",), 1, Environment) == text


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ((), 1, ("CFG015", "an edit needs a path")),
        (("limits", "nothing"), 1, ("CFG015", "`limits.nothing` does not stand in the file")),
        (("limits",), 1, ("CFG015", "`limits` is not a single value")),
        (("phase",), {"a": 1}, ("CFG015", "`phase` is not a single value")),
        (("phase",), Decimal("1.5"), ("CFG003", "`phase` must be a whole number, found `1.5`")),
        (("phase",), "one", ("CFG003", "`phase` must be a whole number, found `one`")),
        (("account", "id"), "a b", ("CFG004", "`id` does not fit its grammar, found the text `a b`")),
        (("account", "id"), "a\nb", ("YAML015", "escape in a quoted text")),
        (
            ("schema",),
            SCHEMA + 1,
            ("CFG005", f"schema version {SCHEMA + 1}, this tool reads version {SCHEMA}"),
        ),
    ],
)
def test_edit_that_is_no_single_value_is_refused(path: KeyPath, value: Any, reason: tuple[str, str]) -> None:
    text = (ROOT / DEV).read_text()
    answer = set_value(DEV, text, path, value, Environment)
    assert isinstance(answer, Refused)
    assert reason in [(found.rule, found.message) for found in answer.findings]


def test_file_out_of_normal_form_is_not_edited() -> None:
    text = (ROOT / DEV).read_text().replace("phase: 1", "phase:   1")
    answer = set_value(DEV, text, ("debug_mode",), False, Environment)
    assert isinstance(answer, Refused)
    assert answer.findings[0].message == "file is not in normal form"


def test_block_list_is_not_squeezed_into_one_line() -> None:
    file = "config/flags.yaml"
    text = (ROOT / file).read_text()
    text = text.replace(
        "prerequisites: [emergency_stop_enabled]", "prerequisites:\n      - emergency_stop_enabled", 1
    )
    assert is_normal(file, text)
    answer = set_value(file, text, ("flags", "paper_trading_enabled", "prerequisites"), (), Flags)
    assert isinstance(answer, Refused)


def test_number_keeps_its_spelling_elsewhere() -> None:
    file = "config/instruments.yaml"
    text = (ROOT / file).read_text().replace("tick: 0.01", "tick: 0.010", 1)
    edited = set_value(file, text, ("instruments", "AAPL", "lot"), 2, Instruments)
    assert isinstance(edited, str)
    assert "tick: 0.010" in edited


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a:   1\n", "a: 1\n"),
        ("a: 1 # why\n", "a: 1  # why\n"),
        ("a: 1     # why   \n", "a: 1  # why\n"),
        ("a: [x,  y] # why\n", "a: [x, y]  # why\n"),
        ("a: # why\n  b: 1\n", "a:  # why\n  b: 1\n"),
        ("a:\n- x\n- y\n", "a:\n  - x\n  - y\n"),
        ("a:\n    b: 1\n", "a:\n  b: 1\n"),
        ("a: 1\n\n\n", "a: 1\n"),
        ("a: 1", "a: 1\n"),
        ("a: 0.90\nb: 'x'\nc: \"#x\"\n", "a: 0.90\nb: 'x'\nc: \"#x\"\n"),
        ("# top\n\na: 1\n\n# middle   \nb: 2\n# end\n", "# top\n\na: 1\n\n# middle\nb: 2\n# end\n"),
    ],
)
def test_normal_form_is_reached_and_stays(text: str, normal: str) -> None:
    assert normal_form("config/x.yaml", text) == normal
    assert normal_form("config/x.yaml", normal) == normal


@pytest.mark.parametrize("text", ["", "a: &x 1\n", "a: 1\na: 2\n", "a: [\n", "a:\t1\n", "--- a\n"])
def test_refused_form_has_no_normal_form(text: str) -> None:
    assert isinstance(normal_form("config/x.yaml", text), Refused)


@pytest.mark.parametrize(
    ("path", "name", "line"),
    [
        (("debug_mode",), "debugging", "debugging: true"),
        (("limits",), "bounds", "bounds:"),
        (("limits", "max_order_value"), "max_notional", "  max_notional: 5000.0"),
        (("flags", "mode_switching_enabled"), "switching", "  switching:  # seed 000 1.1 says enabled"),
        (("database", "live_schema"), "live", "  live: null  # no live records in dev (seed 000 1.1)"),
    ],
)
def test_renamed_key_changes_one_line(path: KeyPath, name: str, line: str) -> None:
    text = (ROOT / DEV).read_text()
    renamed = rename_key(DEV, text, path, name)
    assert isinstance(renamed, str), renamed
    ((_, new),) = changed_lines(text, renamed)
    assert new.startswith(line)
    assert is_normal(DEV, renamed)
    assert rename_key(DEV, renamed, (*path[:-1], name), str(path[-1])) == text


def test_key_inside_a_list_is_renamed() -> None:
    file = "config/rollouts.yaml"
    text = (ROOT / file).read_text()
    renamed = rename_key(file, text, ("ladders", "phases", "steps", 1, "pass_when", 0, "metric"), "measure")
    assert isinstance(renamed, str), renamed
    assert [new.strip() for _, new in changed_lines(text, renamed)] == ["- measure: mode_switch_success"]


@pytest.mark.parametrize(
    ("path", "name", "message"),
    [
        ((), "x", "`` does not stand in the file"),
        (("nothing",), "x", "`nothing` does not stand in the file"),
        (("limits", "nothing"), "x", "`limits.nothing` does not stand in the file"),
        (("phase", "x"), "x", "`phase.x` does not stand in the file"),
        (("phase",), "tier", "`tier` stands there already"),
        (("phase",), "on", "`on` is no name of a key"),
        (("phase",), "a b", "`a b` is no name of a key"),
        (("phase",), "a: 1\nb", "`a: 1?b` is no name of a key"),
    ],
)
def test_bad_rename_is_refused(path: KeyPath, name: str, message: str) -> None:
    answer = rename_key(DEV, (ROOT / DEV).read_text(), path, name)
    assert isinstance(answer, Refused)
    assert [found.message for found in answer.findings] == [message]


def test_rename_needs_a_readable_file_in_normal_form() -> None:
    for text, rule in (("a: &x 1\n", "YAML007"), ("a:   1\n", "CFG015")):
        answer = rename_key("config/x.yaml", text, ("a",), "b")
        assert isinstance(answer, Refused)
        assert answer.findings[0].rule == rule


@pytest.mark.parametrize(
    "act",
    [
        lambda text: set_value(DEV, text, ("phase",), 2, Environment),
        lambda text: rename_key(DEV, text, ("phase",), "stage"),
        lambda text: normal_form(DEV, text),
    ],
)
def test_writer_that_fails_refuses(act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("broken writer")

    monkeypatch.setattr("config.edit._round_trip", fail)
    monkeypatch.setattr("config.edit.is_normal", lambda file, text: True)
    answer = act((ROOT / DEV).read_text())
    assert isinstance(answer, Refused)
    assert [(f.rule, f.message) for f in answer.findings] == [
        ("YAML000", "the reader failed with RuntimeError: broken writer")
    ]


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("phase: one", "CFG003"),
        ("phase: 3", "CFG015"),
        ("phase: 2\n# more", "CFG015"),
        ("phase:  2 # x", "CFG015"),
    ],
)
def test_writer_that_writes_something_else_is_found_out(
    written: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / DEV).read_text()
    other = text.replace("phase: 1", written).replace(
        "max_orders_per_day: 100", "max_orders_per_day: 100  # x"
    )
    monkeypatch.setattr("config.edit.is_normal", lambda file, text: True)
    monkeypatch.setattr("config.edit._round_trip", lambda *_: other)
    answer = set_value(DEV, text, ("phase",), 2, Environment)
    assert isinstance(answer, Refused)
    assert rule in [found.rule for found in answer.findings]
    assert isinstance(rename_key(DEV, text, ("phase",), "stage"), Refused)


def test_unreadable_file_is_not_edited() -> None:
    answer = set_value(DEV, "phase: 1\n", ("phase",), 2, Environment)
    assert isinstance(answer, Refused)


def test_list_is_taken_like_a_tuple() -> None:
    text = (ROOT / DEV).read_text()
    path = ("flags", "live_trading_enabled", "accounts")
    assert set_value(DEV, text, path, ["A-1"], Environment) == set_value(
        DEV, text, path, ("A-1",), Environment
    )


def test_list_item_of_a_missing_list_is_no_path() -> None:
    text = (ROOT / DEV).read_text()
    assert isinstance(rename_key(DEV, text, ("alerting", "critical", 9, "x"), "y"), Refused)
