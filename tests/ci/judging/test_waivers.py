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
    ("misuse", "edits"),
    [
        ("WAV001", {"created": "2026-10-01", "expires": "2026-10-20"}),
        ("WAV003", {"path": "monitoring.*"}),
        ("WAV003", {"path": "monitoring.log_levle"}),
        ("WAV003", {"file": "config/environments/*.yaml"}),
        ("WAV005", {"approver": "ann"}),
        ("WAV006", {"expires": "2026-12-17"}),
        ("WAV007", {"rule": "VEN999"}),
        ("WAV009", {"expires": "2026-13-01"}),
        ("WAV009", {"created": "2026-11-18"}),
        ("WAV009", {"expires": "2026-11-15"}),
        ("WAV010", {"value": "DEBUG"}),
    ],
)
def test_a_misused_waiver_covers_nothing(
    louder: Any, answer: Answer, misuse: str, edits: dict[str, str]
) -> None:
    put(louder, GOOD | edits)
    said = answer(*AT)
    assert said["exit_code"] == 1
    assert "VEN016" in rules(said)
    assert misuse in rules(said)
    assert not any(one["waived"] for one in said["findings"])


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
