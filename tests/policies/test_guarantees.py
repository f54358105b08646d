"""Each guarantee broken on purpose: nothing passes in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ci.judging.deadline import RuleTooSlowError, TimedWatch
from config.desired import DesiredState
from config.findings import Finding
from policies.inputs import Hit, State
from policies.registry import RULES
from policies.rule import Rule, Sample, Scope
from policies.runner import judge
from policies.watch import RuleError

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
Fake = Callable[..., Rule]


def told(tree: DesiredState, rules: tuple[Rule, ...]) -> list[tuple[str, str]]:
    return [
        (one.rule, one.message)
        for one in judge(tree, None, NOW, rules=rules).findings
        if one.rule[:3] == "PRF"
    ]


def about(found: list[tuple[str, str]], rule_id: str) -> list[tuple[str, str]]:
    return [one for one in found if rule_id in one[1]]


def test_an_empty_set_of_rules_is_refused(tree: DesiredState) -> None:
    verdict = judge(tree, None, NOW, rules=())
    assert verdict.refused
    assert ("PRF001", "the set of rules is empty") in told(tree, ())


def test_a_tree_without_environments_is_refused(tree: DesiredState) -> None:
    found = told(replace(tree, environments={}), RULES)
    assert ("PRF002", "no environment was found, so nothing was judged") in found


def test_one_id_for_two_rules_is_refused(tree: DesiredState) -> None:
    assert ("PRF003", "2 rules carry the id VEN001") in told(
        tree, (*RULES, next(r for r in RULES if r.META.id == "VEN001"))
    )


def test_a_rule_that_reads_no_key_is_unreached(tree: DesiredState, fake_rule: Fake) -> None:
    rule = fake_rule(lambda state: iter(()), reads=("limits.max_ordr_value",))
    assert about(told(tree, (*RULES, rule)), "LIM900") == [
        ("PRF004", "rule LIM900 is not reached: nothing in this tree is named `limits.max_ordr_value`")
    ]


def test_a_rule_that_never_fires_is_unproven(tree: DesiredState, fake_rule: Fake) -> None:
    found = about(told(tree, (*RULES, fake_rule(lambda state: iter(())))), "LIM900")
    assert found == [("PRF005", "rule LIM900 is not proven: its INVALID sample `halted` does not fire")]


def test_a_misspelt_constant_is_unproven(tree: DesiredState, fake_rule: Fake) -> None:
    def misspelt(state: State) -> Iterator[Hit]:
        if state.tier == "prodution":
            yield Hit(("phase",), "never")

    assert about(told(tree, (*RULES, fake_rule(misspelt))), "LIM900")[0][0] == "PRF005"


def test_a_sample_with_an_impossible_value_proves_nothing(tree: DesiredState, fake_rule: Fake) -> None:
    """The sample fires, but no value of the schema ever will."""

    def impossible(state: State) -> Iterator[Hit]:
        if state.environment.venue.mode == "lvie":  # type: ignore[comparison-overlap]
            yield Hit(("venue", "mode"), "never")

    rule = fake_rule(
        impossible, reads=("venue.mode",), invalid=(Sample(says="misspelt", edits={"venue.mode": "lvie"}),)
    )
    found = about(told(tree, (*RULES, rule)), "LIM900")
    assert found == [("PRF005", "rule LIM900 is not proven: no mutant of this tree fires it")]


def test_a_rule_that_fires_on_its_valid_sample_is_unproven(tree: DesiredState, fake_rule: Fake) -> None:
    found = about(told(tree, (*RULES, fake_rule(lambda state: iter([Hit(("phase",), "always")])))), "LIM900")
    assert found == [("PRF005", "rule LIM900 is not proven: its VALID sample `as it is` fires")]


def test_a_rule_without_samples_is_unproven(tree: DesiredState, fake_rule: Fake) -> None:
    rule = fake_rule(lambda state: iter(()), invalid=())
    assert "no INVALID sample" in about(told(tree, (*RULES, rule)), "LIM900")[0][1]


def test_a_misspelt_tier_is_unproven(tree: DesiredState, fake_rule: Fake) -> None:
    """The rule would judge no environment of tier production, and nobody would hear of it."""
    rule = fake_rule(
        lambda state: iter([Hit(("phase",), "always")] if state.environment.trading_halted else [])
    )
    vars(rule)["META"] = replace(rule.META, tiers=("staging", "prodution"))  # type: ignore[arg-type]
    assert about(told(tree, (*RULES, rule)), "LIM900") == [
        ("PRF005", "rule LIM900 is not proven: its tiers hold `prodution`, which is none")
    ]
    vars(rule)["META"] = replace(rule.META, tiers=("prodution",))  # type: ignore[arg-type]
    assert about(told(tree, (*RULES, rule)), "LIM900") == [
        ("PRF005", "rule LIM900 is not proven: its tiers hold `prodution`, which is none")
    ]
    vars(rule)["META"] = replace(rule.META, tiers=())
    assert about(told(tree, (*RULES, rule)), "LIM900") == [
        ("PRF005", "rule LIM900 is not proven: it is for no tier")
    ]
    vars(rule)["META"] = replace(rule.META, tiers=("staging",))
    assert about(told(tree, (*RULES, rule)), "LIM900") == [
        (
            "PRF005",
            "rule LIM900 is not proven: its INVALID sample `halted` is of tier `production`, which it does not judge",
        )
    ]


@pytest.mark.parametrize("suffix", [".py", ".yaml"])
def test_a_rule_that_no_line_lists_is_refused(tmp_path: Path, suffix: str) -> None:
    """In a copy of the house, by the real command line."""
    for room in ("config", "policies", "ci"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "policies" / "rules" / f"forgotten{suffix}").write_text("")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    run = "import sys; from ci.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", run, "check"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert (
        f"policies/rules/forgotten{suffix}:1:1: error[PRF010] no line of policies/registry.py names"
        in done.stdout
    )


def test_a_crashing_rule_is_named(tree: DesiredState, fake_rule: Fake) -> None:
    rule = fake_rule(lambda state: iter([1 // 0]))
    with pytest.raises(RuleError, match=r"rule LIM900 \(fake\) crashed: ZeroDivisionError"):
        judge(tree, None, NOW, rules=(rule,))


def test_a_rule_that_changes_its_input_crashes(tree: DesiredState, fake_rule: Fake) -> None:
    def meddling(state: Any) -> Iterator[Hit]:
        state.environment.phase = 4
        yield Hit(("phase",), "x")

    with pytest.raises(RuleError, match="cannot assign to field 'phase'"):
        judge(tree, None, NOW, rules=(fake_rule(meddling),))


def test_maps_of_the_input_cannot_be_changed(tree: DesiredState, fake_rule: Fake) -> None:
    def meddling(state: Any) -> Iterator[Hit]:
        del state.environment.flags["emergency_stop_enabled"]
        yield Hit(("phase",), "x")

    with pytest.raises(RuleError, match="TypeError"):
        judge(tree, None, NOW, rules=(fake_rule(meddling),))


def test_a_path_that_does_not_exist_is_named(tree: DesiredState, fake_rule: Fake) -> None:
    rule = fake_rule(lambda state: iter([Hit(("no_such_key",), "x")]))
    with pytest.raises(RuleError, match="yields a path that does not exist: `no_such_key`"):
        judge(tree, None, NOW, rules=(rule,))


def test_a_rule_without_end_is_stopped(tree: DesiredState, fake_rule: Fake) -> None:
    def endless(state: State) -> Iterator[Hit]:
        while True:
            yield Hit(("phase",), "again")

    with pytest.raises(RuleError, match="more than 10000 hits"):
        judge(tree, None, NOW, rules=(fake_rule(endless),))


def test_a_rule_that_takes_too_long_is_named(tree: DesiredState, fake_rule: Fake) -> None:
    def looping(state: State) -> Iterator[Hit]:
        while True:
            pass
        yield Hit(("phase",), "never")

    watch = TimedWatch(0.2)
    with watch.running_out(), pytest.raises(RuleTooSlowError, match="LIM900"):
        judge(tree, None, NOW, rules=(fake_rule(looping),), watch=watch)


def test_every_rule_gets_the_full_time(fake_rule: Fake) -> None:
    watch = TimedWatch()
    for code in ("LIM900", "LIM901"):
        rule = fake_rule(lambda state: iter(()))
        vars(rule)["META"] = replace(rule.META, id=code)
        watch.hits(rule, None)
        for _ in range(4):  # the first tick may come at once, so four may be less than ten seconds
            watch._count(0, None)
    with pytest.raises(RuleTooSlowError, match="LIM901 ran for more than 10 s"):
        watch._count(0, None)


@pytest.mark.parametrize(
    ("gone", "key"),
    [
        ("FLG005", "flags.emergency_stop_enabled.enabled"),
        ("LIM001", "limits.max_order_value"),
        ("VEN015", "debug_mode"),
        ("VEN017", "auto_resume_if_clean"),
        ("ALR001", "alerting.enabled"),
        ("INF009", "infrastructure.database.encrypted"),
    ],
)
def test_a_missing_rule_leaves_survivors(tree: DesiredState, gone: str, key: str) -> None:
    """Take a rule and what else guards its key away: some mutant survives, and the run fails."""
    others = {
        "FLG005": {"FLG007", "PAR001", "FLG006"},
        "LIM001": {"PAR001"},
        "ALR001": {"ALR004"},
        "INF009": {"INF016", "PAR001"},
    }
    left = tuple(rule for rule in RULES if rule.META.id != gone and rule.META.id not in others.get(gone, ()))
    survivors = [one for one in judge(tree, None, NOW, rules=left).findings if one.rule == "PRF006"]
    assert key in {one.path for one in survivors}


def test_every_mutant_of_this_tree_is_refused_or_excused(tree: DesiredState) -> None:
    verdict = judge(tree, None, NOW)
    assert verdict.survivors == ()
    assert verdict.counts.proven == verdict.counts.in_scope == verdict.counts.reached
    assert verdict.counts.mutants > 1500


def test_rules_of_other_commands_are_counted_not_judged(tree: DesiredState) -> None:
    verdict = judge(tree, None, NOW)
    elsewhere = [rule for rule in verdict.rules if rule.judged_by != "check"]
    assert verdict.counts.elsewhere == len(elsewhere)
    assert all(rule.scope in ("resources", "history") and not rule.proven for rule in elsewhere)
    assert {Scope(rule.scope).judged_by for rule in elsewhere} <= {"preview", "reconcile"}


def test_judging_twice_gives_the_same_answer(tree: DesiredState) -> None:
    first, second = judge(tree, None, NOW), judge(tree, None, NOW)
    assert first.findings == second.findings
    assert first.mutants == second.mutants


def test_findings_are_sorted_by_place(tree: DesiredState, fake_rule: Fake) -> None:
    def two(state: State) -> Iterator[Hit]:
        yield Hit(("url",), "later in the file")
        yield Hit(("phase",), "earlier in the file")

    found: list[Finding] = [
        one for one in judge(tree, None, NOW, rules=(fake_rule(two),)).findings if one.rule == "LIM900"
    ]
    assert [(one.span.file, one.span.line) for one in found] == sorted(
        (one.span.file, one.span.line) for one in found
    )


def test_a_rule_whose_scope_no_command_judges_is_refused(tree: DesiredState, fake_rule: Fake) -> None:
    """The history of the ledger has its types; until reconcile asks its rules, one would guard nothing."""
    rule = fake_rule(lambda history: iter(()))
    vars(rule)["META"] = replace(rule.META, scope=Scope.HISTORY)
    found = about(told(tree, (*RULES, rule)), "LIM900")
    assert found == [("PRF011", "rule LIM900 is about the ledger's history, which no command judges yet")]
