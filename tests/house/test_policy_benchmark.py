"""The policy benchmark's ground: trees that are the same each time, truth that is true, faults that still apply."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.policy.__main__ import main
from benchmarks.policy.faults import RULE_FAULTS
from benchmarks.policy.score import Score, score
from benchmarks.policy.tools import OTHER, Found, contestants
from benchmarks.policy.traps import TRAPS
from benchmarks.policy.trees import LINES, RULES, Fault, commit, grow


def answer(root: Path, state: Path) -> tuple[int, list[dict[str, object]]]:
    command = [
        str(Path(sys.executable).parent / "interlock"),
        "check",
        "--format",
        "json",
        "--state",
        str(state),
    ]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout)["findings"]


def test_the_same_number_gives_the_same_bytes_of_59_lines(tmp_path: Path) -> None:
    first, second = grow(tmp_path / "a", 4), grow(tmp_path / "b", 4)
    assert first == second
    assert len(first.files) == 12
    for file in first.files:
        data = (tmp_path / "a" / file).read_bytes()
        assert data == (tmp_path / "b" / file).read_bytes()
        assert data.count(b"\n") == LINES


def test_each_planted_fault_stands_where_the_truth_says(tmp_path: Path) -> None:
    broken = {rule.name: rule.broken for rule in RULES}
    tree = grow(tmp_path, 20)
    assert len(tree.faults) == 6
    for fault in tree.faults:
        line = (tmp_path / fault.file).read_text().splitlines()[fault.line - 1]
        assert line[fault.column - 1 : fault.last] == broken[fault.rule]


def test_our_check_finds_the_planted_faults_at_their_places_and_nothing_in_a_clean_tree(
    tmp_path: Path,
) -> None:
    tree = grow(tmp_path / "faulty", 5)
    commit(tmp_path / "faulty")
    code, findings = answer(tmp_path / "faulty", tmp_path / "state")
    places = {(one["file"], one["line"], one["column"], one["path"]) for one in findings}
    assert code == 1
    assert places == {(one.file, one.line, one.column, one.path) for one in tree.faults}
    assert {one["rule"] for one in findings} == {"VEN001", "LIM002", "ALR001", "FLG004"}
    grow(tmp_path / "clean", 5, faulty=False)
    commit(tmp_path / "clean")
    assert answer(tmp_path / "clean", tmp_path / "state") == (0, [])


@pytest.mark.parametrize("kind", RULE_FAULTS)
def test_each_fault_of_the_rules_still_applies_to_each_tool(kind: str) -> None:
    assert set(RULE_FAULTS[kind]) == {tool.name for tool in contestants()}
    for tool in contestants():
        fault = RULE_FAULTS[kind][tool.name]
        text = (tool.rules / fault.file).read_text()
        assert fault.new is None or text != text.replace(fault.old, fault.new)


def test_each_trap_of_the_tree_still_applies(tmp_path: Path) -> None:
    for number, trap in enumerate(TRAPS):
        grow(tmp_path / str(number), 1, faulty=False)
        for edit in trap.tree:
            edit.apply(tmp_path / str(number))


def test_a_score_counts_found_missed_and_made_up_and_grades_the_place() -> None:
    faults = [Fault("a.yaml", 3, 5, 8, "x.y", "one"), Fault("b.yaml", 3, 5, 8, "x.y", "one")]
    exact = Found("a.yaml", "one", "x.y", 3, 3, 5)
    also = Found("a.yaml", OTHER, None, 3, 3, 5)
    assert score([exact, Found("c.yaml", "one"), also, Found("a.yaml", OTHER)], faults) == Score(
        true=1, missed=1, false=2, others=1, place="line:column"
    )
    places = [exact, Found("b.yaml", "one", "x.y", 3, 3, 6)]
    assert score(places, faults).place == "line"
    assert score([Found("a.yaml", "one", "x.y")], faults).place == "key path"
    assert score([Found("a.yaml", "one", None, 1, 9)], faults).place == "range of lines"
    assert score([Found("a.yaml", "one")], faults).place == "file"
    assert score([], faults).place == "-"


def test_one_run_prints_the_table_of_a_tool_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sizes", "1", "--runs", "1", "--tools", "interlock", "--no-traps", "--no-bars"]) == 0
    out = capsys.readouterr().out
    assert "- 3 files of 59 lines, " in out
    (row,) = [line for line in out.splitlines() if line.startswith("| interlock | ")]
    assert row.endswith(" | 3 / 0 / 0 (+1 by other rules) | line:column | 1 |")


def test_a_tool_nobody_installed_is_named_and_has_no_figure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(["--sizes", "1", "--runs", "1", "--tools", "cue", "--no-traps", "--no-bars"]) == 0
    out = capsys.readouterr().out
    assert "Not installed, so not measured: cue 0.17.1." in out
    assert "| cue" not in out
