"""SARIF for code scanners: every place, every rule once, waived findings suppressed, nothing outside the standard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from ci.output import sarif
from ci.output.document import Document
from config.findings import Finding, Related, Severity, Span

FILE = "config/environments/dev.yaml"
LIVE = Finding(
    "VEN001",
    Severity.ERROR,
    Span(FILE, 4, 14, 4, 18),
    "live is on",
    "leave it off",
    "flags.live_trading_enabled.enabled",
    (Related(Span("config/flags.yaml", 24, 12, 24, 17), "the ceiling"),),
)
WAIVED = Finding("LIM001", Severity.GUARDED, Span(FILE, 9, 3, 9, 4), "raised 2x", "", "limits.x", (), True)
WARNING = Finding("CAL001", Severity.WARNING, Span("config/a b.yaml", 1, 1, 1, 1), "loosens", "wait")


def rendered(*findings: Finding) -> dict[str, Any]:
    document = Document("interlock.check/1", "check", 1, "1 violation", findings=findings)
    answer: dict[str, Any] = json.loads(sarif.render(document, colour=False))
    return answer


def test_the_answer_keeps_to_the_standard() -> None:
    schema = json.loads((Path(__file__).parent / "sarif_subset.json").read_text())
    checker = jsonschema.Draft7Validator(schema)
    for findings in ((), (LIVE,), (LIVE, WAIVED, WARNING, LIVE)):
        assert [error.message for error in checker.iter_errors(rendered(*findings))] == []


def test_places_are_exact_and_related_places_are_kept() -> None:
    (result,) = rendered(LIVE)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": FILE, "uriBaseId": "ROOT"}
    assert place["region"] == {"startLine": 4, "startColumn": 14, "endLine": 4, "endColumn": 18}
    assert result["relatedLocations"][0]["message"]["text"] == "the ceiling"
    assert result["message"]["text"] == "live is on. leave it off."


def test_rules_stand_once_with_their_title() -> None:
    run = rendered(LIVE, WAIVED, LIVE)["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["LIM001", "VEN001"]
    assert [result["ruleIndex"] for result in run["results"]] == [1, 0, 1]
    assert rules[1]["shortDescription"]["text"] == "live trading in dev"


def test_a_waived_finding_is_suppressed() -> None:
    (result,) = rendered(WAIVED)["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "external", "status": "accepted"}]


def test_a_fingerprint_survives_moved_lines() -> None:
    moved = Finding(LIVE.rule, LIVE.severity, Span(FILE, 40, 14, 40, 18), LIVE.message, "", LIVE.path)
    first, second = (rendered(one)["runs"][0]["results"][0] for one in (LIVE, moved))
    assert first["partialFingerprints"] == second["partialFingerprints"]


def test_a_name_with_blanks_is_a_uri() -> None:
    (result,) = rendered(WARNING)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "config/a%20b.yaml"
    assert result["level"] == "warning"
