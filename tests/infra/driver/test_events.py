"""The event log as written by the engine, read back: steps, policies, masks, torn ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.drift import shown
from infra.events import plain, read
from infra.failures import LockedError, explain, program_failure

URN = "urn:pulumi:dev::p::aws:sns/topic:Topic::told"


def _log(file: Path, *events: dict[str, Any]) -> Path:
    file.write_text("".join(json.dumps(event) + "\n" for event in events))
    return file


def _step(op: str, **more: Any) -> dict[str, Any]:
    return {"resourcePreEvent": {"metadata": {"op": op, "urn": URN, "type": "aws:sns/topic:Topic", **more}}}


def test_a_replacement_is_one_step_with_its_properties(tmp_path: Path) -> None:
    detailed = {"name": {"diffKind": "update-replace", "inputDiff": True}}
    events = read(
        _log(
            tmp_path / "e",
            _step("replace", detailedDiff=detailed),
            _step("create-replacement"),
            _step("delete-replaced"),
        )
    )
    assert [(one.op, dict(one.changed)) for one in events.steps.values()] == [
        ("replace", {"name": "update-replace"})
    ]


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    log = _log(tmp_path / "e", _step("create"))
    log.write_text(log.read_text() + '{"resourcePreEvent": {"meta')
    assert list(read(log).steps) == [URN]


def test_a_missing_log_holds_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "none").steps == {}


def test_destructive_steps_come_first(tmp_path: Path) -> None:
    events = read(
        _log(
            tmp_path / "e",
            *(
                {"resourcePreEvent": {"metadata": {"op": op, "urn": f"{URN}-{op}", "type": "t"}}}
                for op in ("create", "update", "same", "replace", "delete")
            ),
        )
    )
    assert [step.op for step in events.changing()] == ["delete", "replace", "update", "create"]


def test_policies_passed_and_failed_are_reached(tmp_path: Path) -> None:
    summary = {"policyAnalyzeSummaryEvent": {"resourceUrn": URN, "passed": ["a"], "failed": ["b"]}}
    stack = {"policyAnalyzeStackSummaryEvent": {"passed": ["c"]}}
    assert set(read(_log(tmp_path / "e", summary, stack)).reached) == {"a", "b", "c"}


def test_errors_without_a_reason_are_left_out(tmp_path: Path) -> None:
    told = [
        {"diagnosticEvent": {"severity": "error", "message": text}} for text in ("update failed\n", "no disk")
    ]
    assert read(_log(tmp_path / "e", *told)).errors == [("", "no disk")]


def test_colour_marks_are_taken_off() -> None:
    assert plain("<{%fg 1%}>error<{%reset%}>") == "error"


@pytest.mark.parametrize(
    "value, text",
    [
        (None, "(not set)"),
        ("x", "x"),
        (True, "true"),
        ("04da6b54-80e4-46f7-96ec-b56ff0331ba9", "(known after apply)"),
        ({"4dabf18193072939515e22adb298388d": "x", "ciphertext": "[secret]"}, "(secret)"),
        ({"a": [{"4dabf18193072939515e22adb298388d": "x"}]}, '{"a": ["(secret)"]}'),
    ],
)
def test_values_are_shown_as_people_read_them(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_traceback_becomes_its_last_line_of_ours(tmp_path: Path) -> None:
    ours = tmp_path / "infra" / "program.py"
    text = (
        "Traceback (most recent call last):\n"
        f'  File "{ours}", line 40, in build\n    x()\n'
        '  File "/usr/lib/python3/site.py", line 9, in x\n    y\n'
        "infra.program.MissingFactError: service.image needs an image\n"
    )
    assert (
        program_failure(text, tmp_path)
        == "infra/program.py:40: MissingFactError: service.image needs an image"
    )


def test_what_is_no_traceback_is_no_program_failure(tmp_path: Path) -> None:
    assert program_failure("error: no disk", tmp_path) is None
    assert explain("warning: x\nerror: no space left on device\n", tmp_path) == "no space left on device"


def test_a_lock_without_a_time_still_names_its_holder() -> None:
    assert LockedError("dev", "ann@desk (pid 7)", None).message == "stack `dev` is locked by ann@desk (pid 7)"
