"""A very large tree is judged part by part, in one process or two, and says to the letter what a small one would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.policy.trees import commit, grow
from ci.errors import InternalError
from ci.git import Repository
from ci.judging import check as judging
from ci.judging import wide
from ci.judging.check import Checked, check
from ci.judging.deadline import TimedWatch
from ci.judging.sides import WORKTREE
from ci.main import main
from config.findings import Severity
from policies.inputs import Hit, State
from policies.registry import RULES
from policies.rule import Meta, Rule, Sample, Scope

NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
PER_TIER = 5
FIRST = "config/environments/dev.yaml"
LAST = "config/environments/staging-4.yaml"
MODES = ("together", "one process", "two processes", "a child that dies")
Say = Callable[..., str]


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """Fifteen environments; some hold a planted fault."""
    root = tmp_path / "fleet"
    root.mkdir()
    grow(root, PER_TIER, faulty=False)
    edit(root, LAST, "max_position_percent: 5.0", "max_position_percent: 7.5")
    edit(root, FIRST, "live_trading_enabled: {enabled: false", "live_trading_enabled: {enabled: true")
    commit(root)
    return root


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text()
    assert old in text, (old, text)
    (root / file).write_text(text.replace(old, new, 1))


def judged_as(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on trees are judged in this way."""
    monkeypatch.setattr(wide, "WIDE", 10**9 if mode == "together" else 2)
    monkeypatch.setattr(wide, "TWO", 2 if mode in MODES[2:] else 10**9)
    monkeypatch.setattr(wide, "_AT_ONCE", 4)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    if mode == "a child that dies":
        monkeypatch.setattr("ci.judging.ahead.packed", lambda parts: 1 // 0)


@pytest.fixture
def say(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Say:
    """What the real command answers, in every mode of judging; it must be one and the same."""
    monkeypatch.chdir(fleet)

    def run(*words: str) -> str:
        answers = {}
        for mode in MODES:
            with monkeypatch.context() as only_here:
                judged_as(mode, only_here)
                code = main(["check", "--as-of", NOW.isoformat(), "--no-cache", *words])
            written = capsys.readouterr()
            answers[mode] = f"{code}\n{written.out}{written.err}"
        for mode in MODES[1:]:
            assert answers[mode] == answers[MODES[0]], mode
        return answers[MODES[0]]

    return run


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "json", "--mutate", "--uncovered"),
        ("--format", "text"),
        ("--format", "sarif", "--staged"),
        ("--format", "json", "--env", "staging-4"),
        ("--format", "json", "--env", "production-3", "HEAD"),
    ],
    ids=" ".join,
)
def test_both_ways_of_judging_say_the_same(say: Say, words: tuple[str, ...]) -> None:
    assert say(*words)


def test_the_planted_faults_are_found_at_their_places(say: Say) -> None:
    text = say()
    assert text.startswith("1\n")
    assert "config/environments/staging-4.yaml:20:25: error[LIM002]" in text
    assert "config/environments/dev.yaml:12:35: error[VEN001]" in text
    assert "(of 3 of 15 environments: one per tier, and keys that only others have)" in text


def test_changes_of_some_files_are_the_same_changes(say: Say, fleet: Path) -> None:
    edit(fleet, "config/environments/dev-2.yaml", "max_open_positions: 5", "max_open_positions: 9")
    (fleet / "config/environments/production-3.yaml").unlink()
    text = (fleet / "config/environments/dev-1.yaml").read_text()
    (fleet / "config/environments/dev-9.yaml").write_text(text.replace("dev-1", "dev-9"))
    edit(fleet, "config/calendar.yaml", '"14:00"', '"13:00"')
    said = say("--format", "json", "--base", "HEAD")
    for known in ('"VEN019"', '"dev-2"', '"dev-9"', '"FLG009"', "max_open_positions"):
        assert known in said, known


@pytest.mark.parametrize(
    ("old", "new"),
    [("schema: 1", "schema: 1\nschema: 1"), ("environment: dev-2", "environment: dev-3"), ("tier: dev", "")],
)
def test_what_the_reader_refuses_is_refused_alike(say: Say, fleet: Path, old: str, new: str) -> None:
    edit(fleet, "config/environments/dev-2.yaml", old, new)
    assert "refused before any rule ran: 1 reason" in say()


@pytest.mark.parametrize("catalogue", ["config/flags.yaml", "config/parity.yaml"])
def test_a_catalogue_that_is_refused_is_refused_alike(say: Say, fleet: Path, catalogue: str) -> None:
    (fleet / catalogue).write_text("schema: 1\n")
    assert f"{catalogue}:1:1: error[CFG002]" in say()


SLIPS = (
    ("enabled: true", "enabled: false"),
    ("enabled: false", "enabled: true"),
    ("percent: 0.0", "percent: 33.5"),
    ("max_daily_loss_percent: 3.0", "max_daily_loss_percent: 30.0"),
    ("tls: true", "tls: false"),
    ("log_level: INFO", "log_level: DEBUG"),
    ("max_order_quantity: 1000", "max_order_quantity: 1001"),
    ("url: ", "url: #"),
    ("ACCT-DEV", "ACCT-STG"),
    ("schema: 1", "schema: 1 # AKIA" + "IOSFODNN7EXAMPLE"),
)


@pytest.mark.parametrize("seed", range(6))
def test_random_slips_of_the_hand_are_judged_alike(say: Say, fleet: Path, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - which edits, not secrets
    files = sorted((fleet / "config/environments").iterdir())
    for _ in range(4):
        file, (old, new) = chance.choice(files), chance.choice(SLIPS)
        file.write_text(file.read_text().replace(old, new, 1))
    say("--format", "json", "--base", "HEAD")


def answers(fleet: Path, monkeypatch: pytest.MonkeyPatch, rules: tuple[Rule, ...]) -> Iterator[Checked]:
    for mode in MODES:
        with monkeypatch.context() as only_here:
            judged_as(mode, only_here)
            yield check(Repository.discover(fleet), WORKTREE, None, NOW, rules=rules)


def fake(judge: Any, scope: Scope = Scope.STATE) -> Any:
    meta = Meta(
        id="LIM900",
        slug="fake",
        severity=Severity.ERROR,
        scope=scope,
        title="fake",
        fix="nothing",
        reads=("trading_halted", "phase"),
        source="a test",
    )
    invalid = (Sample(says="halted", edits={"trading_halted": True}),)
    return SimpleNamespace(META=meta, VALID=(Sample(says="as it is"),), INVALID=invalid, judge=judge)


def proofs(checked: Checked) -> list[tuple[str, str, str]]:
    return [(one.rule, one.span.file, one.message) for one in checked.findings if one.rule[:3] == "PRF"]


def test_a_survivor_of_any_tier_fails_the_run(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LIM002 guards the cap of a heartbeat; without it a mutant of each tier survives."""
    left = tuple(rule for rule in RULES if rule.META.id != "LIM002")
    first, *others = map(proofs, answers(fleet, monkeypatch, left))
    assert {file for rule, file, _ in first if rule == "PRF006"} == {
        f"config/environments/{name}.yaml" for name in ("dev-1", "production-1", "staging-1")
    }
    assert others == [first] * 3


def test_a_key_that_only_another_environment_has_is_mutated_there(
    fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of the tier has no fixed quantity; the fourth has one, and LIM004 alone bounds its jump."""
    edit(
        fleet,
        "config/environments/production-3.yaml",
        "fixed_quantity: null",
        "fixed_quantity: 10",
    )
    for checked in answers(fleet, monkeypatch, RULES):
        assert checked.verdict is not None
        fates = [one for one in checked.verdict.mutants if one.environment == "production-3"]
        assert {".".join(map(str, one.path)) for one in fates} == {"sizing.fixed_quantity"}
        assert {one.kind for one in fates} >= {"jump", "past cap", "negative", "drop", "type"}
        assert checked.verdict.counts.mutated == 4


def test_rules_that_are_unproven_or_unreached_fail_alike(
    fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = fake(lambda state: iter(()))
    twice = next(rule for rule in RULES if rule.META.id == "VEN001")
    lost = fake(lambda state: iter([Hit(("phase",), "halted")] if state.environment.trading_halted else []))
    lost.META = replace(lost.META, id="LIM901", reads=("no_such_key",))
    first, *others = map(proofs, answers(fleet, monkeypatch, (*RULES, never, twice, lost)))
    assert {rule for rule, _, _ in first} == {"PRF003", "PRF004", "PRF005"}
    assert others == [first] * 3


def test_two_rules_of_one_id_both_judge(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (fake(lambda state, says=says: iter([Hit(("phase",), says)])) for says in ("first", "second"))
    for checked in answers(fleet, monkeypatch, (*RULES, one, two)):
        said = {found.message for found in checked.findings if found.rule == "LIM900"}
        assert said == {"first", "second"}


def test_a_rule_that_asks_the_time_is_asked_with_the_time(
    fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part is found without a clock and may be kept, so nothing in it may depend on one."""

    def late(state: State) -> Iterator[Hit]:
        if state.as_of >= NOW:
            yield Hit(("phase",), f"late at {state.as_of:%H:%M}")

    first, *others = (checked.findings for checked in answers(fleet, monkeypatch, (*RULES, fake(late))))
    assert sum(one.message == "late at 15:00" for one in first) == 3 * PER_TIER
    assert others == [first] * 3


def crashes(fleet: Path, monkeypatch: pytest.MonkeyPatch, rules: tuple[Rule, ...]) -> set[str]:
    """What each way of judging says of a rule that crashes."""
    said = set()
    for mode in MODES:
        with monkeypatch.context() as only_here:
            judged_as(mode, only_here)
            with pytest.raises(InternalError) as told:
                check(Repository.discover(fleet), WORKTREE, None, NOW, rules=rules)
        said.add(told.value.message)
    return said


def test_a_rule_that_crashes_is_named_alike(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crashing(state: State) -> Iterator[Hit]:
        yield Hit(("phase",), str(1 // (state.name != "staging-3")))

    assert crashes(fleet, monkeypatch, (*RULES, fake(crashing))) == {
        "rule LIM900 (fake) crashed: ZeroDivisionError: integer division or modulo by zero"
    }


def test_a_rule_that_does_more_than_judge_is_named_alike(
    fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impure(state: State) -> Iterator[Hit]:
        open("/dev/null").close()
        yield Hit(("phase",), "never")

    assert crashes(fleet, monkeypatch, (*RULES, fake(impure))) == {"rule LIM900 did more than judge: `open`"}


def test_a_rule_that_takes_too_long_is_named_alike(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def looping(state: State) -> Iterator[Hit]:
        while state.name == "staging-3":
            pass
        yield Hit(("phase",), "never")

    monkeypatch.setattr(judging, "TimedWatch", partial(TimedWatch, 0.2))
    monkeypatch.setattr(wide, "TimedWatch", partial(TimedWatch, 0.2))
    for checked in answers(fleet, monkeypatch, (*RULES, fake(looping))):
        assert [(one.rule, one.message) for one in checked.findings] == [
            ("PRF008", "rule LIM900 ran for more than 10 s")
        ]


def test_a_rule_without_end_is_named_alike(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(state: State) -> Iterator[Hit]:
        while True:
            yield Hit(("phase",), "again")

    assert crashes(fleet, monkeypatch, (*RULES, fake(endless))) == {
        "rule LIM900 (fake) crashed: RuntimeError: more than 10000 hits"
    }
