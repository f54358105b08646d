"""SARIF for code scanners: every place, every rule once, waived findings suppressed, nothing outside the standard."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_sarif.model import (  # type: ignore[import-untyped]
    StaticAnalysisResultsFormatSarifVersion210JsonSchema,
)

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
WAIVER = Related(Span("config/records/waivers.yaml", 3, 11, 3, 19), "waiver of ann, until 2026-12-01")
WAIVED = Finding(
    "LIM001", Severity.GUARDED, Span(FILE, 9, 3, 9, 4), "raised 2x", "", "limits.x", (WAIVER,), True
)
WARNING = Finding("CAL001", Severity.WARNING, Span("config/a b.yaml", 1, 1, 1, 1), "loosens", "wait")


def rendered(*findings: Finding) -> dict[str, Any]:
    document = Document("interlock.check/1", "check", 1, "1 violation", findings=findings)
    answer: dict[str, Any] = json.loads(sarif.render(document, colour=False))
    return answer


def breaches(answer: dict[str, Any]) -> list[str]:
    """What the official SARIF 2.1.0 schema (as types closed to unknown keys) has against an answer."""
    try:
        StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate_json(json.dumps(answer))
    except ValidationError as error:
        return [f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors()]
    return []


def test_the_answer_keeps_to_the_standard() -> None:
    for findings in ((), (LIVE,), (LIVE, WAIVED, WARNING, LIVE)):
        answer = rendered(*findings)
        assert breaches(answer) == []
        (run,) = answer["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])


BREAKS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "unknown key": (lambda answer: answer.update(foo=1), "foo: extra_forbidden"),
    "no version": (lambda answer: answer.pop("version"), "version: missing"),
    "no tool": (lambda answer: answer["runs"][0].pop("tool"), "runs.0.tool: missing"),
    "unknown level": (
        lambda answer: answer["runs"][0]["results"][0].update(level="bad"),
        "runs.0.results.0.level: enum",
    ),
    "no message": (
        lambda answer: answer["runs"][0]["results"][0].pop("message"),
        "runs.0.results.0.message: missing",
    ),
    "line 0": (
        lambda answer: answer["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].update(
            startLine=0
        ),
        "runs.0.results.0.locations.0.physicalLocation.region.startLine: greater_than_equal",
    ),
}


@pytest.mark.parametrize(("break_it", "told"), BREAKS.values(), ids=BREAKS)
def test_the_standard_is_one_that_refuses(break_it: Callable[[dict[str, Any]], Any], told: str) -> None:
    answer = rendered(LIVE)
    break_it(answer)
    assert told in breaches(answer)


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
    assert result["suppressions"] == [
        {"kind": "external", "justification": "waiver of ann, until 2026-12-01"}
    ]


def test_a_fingerprint_survives_moved_lines() -> None:
    moved = Finding(LIVE.rule, LIVE.severity, Span(FILE, 40, 14, 40, 18), LIVE.message, "", LIVE.path)
    first, second = (rendered(one)["runs"][0]["results"][0] for one in (LIVE, moved))
    assert first["partialFingerprints"] == second["partialFingerprints"]


def test_a_name_with_blanks_is_a_uri() -> None:
    (result,) = rendered(WARNING)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "config/a%20b.yaml"
    assert result["level"] == "warning"
