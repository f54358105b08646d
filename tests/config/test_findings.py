"""A refusal has reasons, and reasons have an order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.document import dotted
from config.findings import Finding, Refused, Severity, Span, sort_findings, whole_file
from config.models.nature import Nature, Safe
from config.reading.problem import MAX_PROBLEMS, ORIGIN, Problem, Problems, TooManyProblemsError, clip

ONE = Finding("LIM001", Severity.ERROR, whole_file("a.yaml"), "too high", "lower it")


def test_refusal_without_a_reason_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Refused(())


@pytest.mark.parametrize(
    ("severity", "waived", "refuses"),
    [
        (Severity.ERROR, False, True),
        (Severity.GUARDED, False, True),
        (Severity.ERROR, True, False),
        (Severity.WARNING, False, False),
        (Severity.INFO, False, False),
    ],
)
def test_only_unwaived_errors_refuse(severity: Severity, waived: bool, refuses: bool) -> None:
    assert replace(ONE, severity=severity, waived=waived).refuses is refuses


def test_findings_are_sorted_by_place_then_rule() -> None:
    later = replace(ONE, span=Span("a.yaml", 2, 1, 2, 2))
    other = replace(ONE, rule="ALR001", span=Span("a.yaml", 2, 1, 2, 2))
    assert sort_findings([later, other, ONE]) == (ONE, other, later)


def test_path_is_written_with_dots() -> None:
    assert dotted(("steps", 0, "percent")) == "steps.0.percent"


def test_key_without_direction_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        Nature("x", Safe.NONE)


def test_problems_end_at_what_a_person_reads() -> None:
    problems = Problems()
    one = Problem("YAML004", ORIGIN, ORIGIN, "x", "y")
    for _ in range(MAX_PROBLEMS):
        problems.append(one)
    with pytest.raises(TooManyProblemsError):
        problems.append(one)
    assert len(problems) == MAX_PROBLEMS


def test_text_of_a_file_is_clipped_and_printable() -> None:
    assert clip("a\nb\x1b") == "a?b?"
    assert clip("x" * 50) == "x" * 40 + "..."
