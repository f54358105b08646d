"""Waivers on real repositories: what one covers, and every way of misusing one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Answer = Callable[..., dict[str, Any]]
PRODUCTION = "config/environments/production.yaml"
FILE = "config/records/waivers.yaml"
AT = ("--as-of", "2026-11-17T16:00:00Z")
GOOD = {
    "rule": "VEN016",
    "file": PRODUCTION,
    "path": "monitoring.log_level",
    "value": "INFO",
    "reason": "looking for the cause of late fills",
    "ticket": "OPS-7",
    "owner": "ann",
    "approver": "bob",
    "created": "2026-11-16",
    "expires": "2026-12-01",
}


def written(*waivers: dict[str, str]) -> str:
    lines = ["schema: 1", "waivers:" if waivers else "waivers: []"]
    for waiver in waivers:
        first, *rest = (f'{key}: "{value}"' for key, value in waiver.items())
        lines += [f"  - {first}", *(f"    {line}" for line in rest)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def louder(workshop: Any) -> Any:
    """Production logs INFO, which needs a waiver (VEN016)."""
    workshop.edit(PRODUCTION, "log_level: WARNING", "log_level: INFO")
    return workshop


def put(workshop: Any, *waivers: dict[str, str]) -> None:
    (workshop.root / FILE).write_text(written(*waivers))


def rules(said: dict[str, Any]) -> list[str]:
    return [one["rule"] for one in said["findings"]]


def test_a_guarded_rule_refuses_without_a_waiver(louder: Any, answer: Answer) -> None:
    said = answer(*AT)
    assert (said["exit_code"], rules(said)) == (1, ["VEN016"])


def test_a_waiver_covers_and_is_counted_apart(louder: Any, answer: Answer) -> None:
    put(louder, GOOD)
    said = answer(*AT)
    assert said["exit_code"] == 0, said["findings"]
    assert said["summary"].endswith("0 violations, 1 waived")
    covered = said["findings"][0]
    assert covered["waived"] is True
    assert covered["related"][-1] == {
        "file": FILE,
        "line": 3,
        "column": 11,
        "end_line": 3,
        "end_column": 19,
        "label": "waiver of ann, until 2026-12-01",
    }


def test_as_of_shows_what_will_lapse(louder: Any, answer: Answer) -> None:
    put(louder, GOOD)
    said = answer("--as-of", "2026-12-02T16:00:00Z")
    assert said["exit_code"] == 1
    assert set(rules(said)) >= {"VEN016", "WAV001"}


@pytest.mark.parametrize(
    ("misuse", "edits", "line"),
    [
        ("WAV001", {"created": "2026-10-01", "expires": "2026-10-20"}, 12),
        ("WAV003", {"path": "monitoring.*"}, 5),
        ("WAV003", {"file": "config/environments/*.yaml"}, 4),
        ("WAV003", {"file": "./config/environments/production.yaml"}, 4),
        ("WAV005", {"approver": "ann"}, 10),
        ("WAV005", {"approver": "a.n-n"}, 10),
        ("WAV005", {"owner": "ann.smith", "approver": "ann_smith"}, 10),
        ("WAV006", {"expires": "2026-12-17"}, 12),
        ("WAV006", {"expires": "9999-12-31"}, 12),
        ("WAV007", {"rule": "VEN999"}, 3),
        ("WAV008", {"rule": "VEN015", "path": "debug_mode", "value": "false"}, 3),
        ("WAV009", {"expires": "2026-13-01"}, 12),
        ("WAV009", {"created": "2026-11-18"}, 11),
        ("WAV009", {"created": "2026-02-30"}, 11),
        ("WAV009", {"expires": "2026-11-15"}, 12),
        ("WAV010", {"value": "DEBUG"}, 6),
        ("WAV010", {"value": "info"}, 6),
        ("WAV012", {"path": "monitoring.log_levle"}, 5),
        ("WAV012", {"path": "monitoring"}, 5),
        ("WAV012", {"file": "config/environments/prod.yaml"}, 5),
        ("WAV012", {"file": "config//environments/production.yaml"}, 5),
    ],
)
def test_a_misused_waiver_covers_nothing_and_is_shown_where(
    louder: Any, answer: Answer, misuse: str, edits: dict[str, str], line: int
) -> None:
    put(louder, GOOD | edits)
    said = answer(*AT)
    assert said["exit_code"] == 1
    assert "VEN016" in rules(said)
    column = len("  - ") + len([*GOOD][line - 3]) + 3
    shown = [(one["rule"], one["file"], one["line"], one["column"]) for one in said["findings"]]
    assert shown[1:] == [(misuse, FILE, line, column)]
    assert not any(one["waived"] for one in said["findings"])


@pytest.mark.parametrize(
    ("edits", "line"),
    [
        ({"reason": "          "}, 7),
        ({"reason": "too short"}, 7),
        ({"owner": "ann."}, 9),
        ({"approver": "Bob"}, 10),
        ({"approver": "bob@example.com"}, 10),
        ({"ticket": "ops7"}, 8),
        ({"created": "2026-11-16T00:00"}, 11),
    ],
)
def test_a_word_outside_its_grammar_refuses_the_file(
    louder: Any, answer: Answer, edits: dict[str, str], line: int
) -> None:
    put(louder, GOOD | edits)
    said = answer(*AT)
    assert [(one["rule"], one["line"]) for one in said["findings"]] == [("WAV011", line)]


@pytest.mark.parametrize("schema", ["true", "1.0", '"1"', "null"])
def test_a_file_without_waivers_says_its_version_as_well(workshop: Any, answer: Answer, schema: str) -> None:
    (workshop.root / FILE).write_text(f"schema: {schema}\nwaivers: []\n")
    said = answer(*AT)
    assert [(one["rule"], one["line"], one["column"]) for one in said["findings"]] == [("WAV011", 1, 9)]


def test_a_waiver_of_a_change_that_did_not_happen_is_unused(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    waiver = {"rule": "LIM001", "path": "limits.max_order_value", "value": "10000.0"}
    put(workshop, GOOD | waiver)
    workshop.commit()
    said = answer("feature", "--base", "main", *AT)
    assert [(one["rule"], one["line"]) for one in said["findings"] if one["rule"] != "GIT002"] == [
        ("WAV002", 3)
    ]


def test_an_environment_goes_with_a_waiver_and_its_waiver_may_stay(workshop: Any, answer: Answer) -> None:
    """A third environment of tier staging, so that no reason in parity.yaml is left without a difference."""
    workshop.add_qa()
    workshop.commit("a new environment")
    workshop.branch("feature")
    workshop.git("rm", "-q", "config/environments/qa.yaml")
    workshop.commit()
    assert rules(answer("feature", "--base", "main", *AT)) == ["VEN019"]
    waiver = {"rule": "VEN019", "file": "config/environments/qa.yaml", "path": "tier", "value": "staging"}
    put(workshop, GOOD | waiver)
    workshop.commit()
    said = answer("feature", "--base", "main", *AT)
    assert said["exit_code"] == 0, said["findings"]
    assert [one["rule"] for one in said["findings"] if one["waived"]] == ["VEN019"]
    assert answer("feature", *AT)["exit_code"] == 0, "the waiver stays without trouble until it expires"
    workshop.git("branch", "-f", "main", "feature")
    workshop.edit("config/environments/dev.yaml", "debug_mode: true", "debug_mode: false")
    workshop.commit()
    assert not any(rule.startswith("WAV") for rule in rules(answer("feature", "--base", "main", *AT)))


def test_thirty_days_are_the_most(louder: Any, answer: Answer) -> None:
    put(louder, GOOD | {"expires": "2026-12-16"})
    assert answer(*AT)["exit_code"] == 0


def test_two_waivers_of_one_key_cover_nothing(louder: Any, answer: Answer) -> None:
    put(louder, GOOD, GOOD | {"expires": "2026-11-30"})
    said = answer(*AT)
    assert rules(said).count("WAV004") == 2
    assert said["exit_code"] == 1


def test_an_unused_waiver_is_a_violation(workshop: Any, answer: Answer) -> None:
    put(workshop, GOOD | {"value": "WARNING"})
    said = answer(*AT)
    assert (rules(said), said["exit_code"]) == (["WAV002"], 1)


def test_a_hard_rule_cannot_be_waived(workshop: Any, answer: Answer) -> None:
    workshop.edit(PRODUCTION, "debug_mode: false", "debug_mode: true")
    put(workshop, GOOD | {"rule": "VEN015", "path": "debug_mode", "value": "true"})
    said = answer(*AT)
    assert {"VEN015", "WAV008"} <= set(rules(said))
    assert said["exit_code"] == 1


def test_a_malformed_waiver_is_refused_with_its_place(louder: Any, answer: Answer) -> None:
    put(louder, {key: value for key, value in GOOD.items() if key != "approver"})
    said = answer(*AT)
    assert [(one["rule"], one["file"], one["line"]) for one in said["findings"]] == [("WAV011", FILE, 3)]


def test_a_waiver_with_another_key_is_refused(louder: Any, answer: Answer) -> None:
    put(louder, GOOD | {"forever": "true"})
    assert rules(answer(*AT)) == ["WAV011"]


def test_a_lapse_never_blocks_a_tightening_change(louder: Any, answer: Answer) -> None:
    put(louder, GOOD)
    louder.commit("louder, with a waiver")
    louder.branch("feature")
    for name in ("dev", "staging", "production"):
        louder.edit(f"config/environments/{name}.yaml", "max_open_positions: 5", "max_open_positions: 4")
    louder.commit()
    later = ("--as-of", "2026-12-02T16:00:00Z")
    said = answer("feature", "--base", "main", *later)
    assert said["exit_code"] == 0, said["findings"]
    assert {one["severity"] for one in said["findings"] if one["rule"] in ("VEN016", "WAV001")} == {"warning"}


def test_a_lapse_refuses_a_loosening_change(louder: Any, answer: Answer) -> None:
    put(louder, GOOD)
    louder.commit("louder, with a waiver")
    louder.branch("feature")
    for name in ("dev", "staging", "production"):
        louder.edit(f"config/environments/{name}.yaml", "max_open_positions: 5", "max_open_positions: 6")
    louder.commit()
    said = answer("feature", "--base", "main", "--as-of", "2026-12-02T16:00:00Z")
    assert said["exit_code"] == 1
    assert {"VEN016", "WAV001"} <= set(rules(said))


def test_the_waiver_of_a_change_may_stay_until_it_expires(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    workshop.edit("config/environments/staging.yaml", "max_order_value: 10000.0", "max_order_value: 20000.0")
    waiver = {
        "rule": "LIM001",
        "file": "config/environments/staging.yaml",
        "path": "limits.max_order_value",
        "value": "20000.0",
    }
    put(workshop, GOOD | waiver)
    workshop.commit()
    said = answer("feature", "--base", "main", *AT)
    assert said["exit_code"] == 0, said["findings"]
    assert [one["rule"] for one in said["findings"] if one["waived"]] == ["LIM001"]
    assert answer("feature", *AT)["exit_code"] == 0
