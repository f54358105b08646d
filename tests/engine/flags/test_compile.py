"""A snapshot is the safest value per key over its commits, and the same bytes for whoever has the commits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from config.bundle import Bundle
from engine.flags.compile import FlagRule, Snapshot, compile_snapshot

Build = Callable[..., Bundle]
KEY = "paper_trading_enabled"


def merged(build: Build, first: dict[str, Any] | None, second: dict[str, Any] | None) -> FlagRule:
    bundles = [
        build(commit, {KEY: said} if said is not None else {"other": {}})
        for commit, said in (("a", first), ("b", second))
    ]
    return compile_snapshot(bundles).flags[KEY]


def test_bytes_hold_only_what_git_determines(build: Build) -> None:
    plain = json.loads(compile_snapshot([build("a"), build("b")]).payload())
    assert sorted(plain) == ["commits", "environment", "flags", "retired", "schema", "trading_halted"]
    assert plain["commits"] == ["a" * 40, "b" * 40]
    assert sorted(plain["flags"][KEY]) == sorted(FlagRule.__slots__)


def test_equal_commits_give_equal_bytes(build: Build) -> None:
    one, other = compile_snapshot([build("a")]), compile_snapshot([build("a")])
    assert one.payload() == other.payload()
    assert one.digest == other.digest
    assert one.digest != compile_snapshot([build("b")]).digest


def test_commit_listed_twice_counts_once(build: Build) -> None:
    assert compile_snapshot([build("a"), build("a")]).payload() == compile_snapshot([build("a")]).payload()


def test_orders_name_the_newest_commit(build: Build) -> None:
    assert compile_snapshot([build("a"), build("b")]).commit == "b" * 40


@pytest.mark.parametrize("bundles", [[], ["dev", "staging"]])
def test_mixed_or_missing_environments_are_mistakes(build: Build, bundles: list[str]) -> None:
    with pytest.raises(ValueError, match="all of one environment"):
        compile_snapshot([build(name[0], environment=name) for name in bundles])


@pytest.mark.parametrize(
    ("safe", "first", "second", "expected"),
    [
        (False, {"enabled": True}, {"enabled": False}, {"enabled": False, "holds": False}),
        (True, {"enabled": True}, {"enabled": False}, {"enabled": True, "holds": False}),
        (False, {"accounts": ["A", "B"]}, {"accounts": ["B", "C"]}, {"accounts": ("B",)}),
        (True, {"accounts": ["A"]}, {"accounts": ["B"]}, {"accounts": ("A", "B")}),
        (False, {"percent": "10.0"}, {"percent": "2.5"}, {"milli_percent": 2500}),
        (True, {"percent": "10.0"}, {"percent": "2.5"}, {"milli_percent": 10000}),
        (False, {"ceiling": "on"}, {"ceiling": "sandbox"}, {"ceiling": "sandbox"}),
        (False, {"ceiling": "sandbox"}, {"ceiling": "off"}, {"ceiling": "off"}),
        (False, {"prerequisites": ["x"]}, {"prerequisites": ["y"]}, {"prerequisites": ("x", "y")}),
        (False, {"risk": "ux"}, {"risk": "mode"}, {"risk": "mode"}),
    ],
)
def test_each_key_takes_its_safest_value(
    build: Build, safe: bool, first: dict[str, Any], second: dict[str, Any], expected: dict[str, Any]
) -> None:
    for one, other in ((first, second), (second, first)):
        rule = merged(build, {"safe": safe, **one}, {"safe": safe, **other})
        assert {name: getattr(rule, name) for name in expected} == expected


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_flag_unknown_to_one_commit_is_safe(build: Build, order: tuple[int, int]) -> None:
    for safe in (False, True):
        said: list[dict[str, Any] | None] = [{"safe": safe, "accounts": ["A"]}, None]
        rule = merged(build, said[order[0]], said[order[1]])
        assert (rule.enabled, rule.holds) == (safe, False)
        assert (rule.accounts, rule.milli_percent) == ((("A",), 100000) if safe else ((), 0))


def test_disagreement_on_safety_closes_the_flag(build: Build) -> None:
    rule = merged(build, {"safe": True}, {"safe": False})
    assert (rule.safe, rule.enabled, rule.holds, rule.ceiling) == (False, False, False, "off")


def test_other_salt_closes_a_partial_share(build: Build) -> None:
    one, other = {"percent": "50.0", "salt": "one"}, {"percent": "50.0", "salt": "other"}
    assert merged(build, one, other).milli_percent == 0
    assert merged(build, {"safe": True} | one, {"safe": True} | other).milli_percent == 100000
    assert merged(build, {"salt": "one"}, {"salt": "other"}).milli_percent == 100000


def test_retired_name_is_no_flag(build: Build) -> None:
    snapshot = compile_snapshot([build("a", {KEY: {}, "power_peg": {}}, retired=("power_peg",))])
    assert list(snapshot.flags) == [KEY]
    assert snapshot.retired == ("power_peg",)


def test_one_halted_commit_halts_trading(build: Build) -> None:
    assert compile_snapshot([build("a", halted=True), build("b")]).trading_halted is True
    assert compile_snapshot([build("a"), build("b")]).trading_halted is False


@pytest.mark.parametrize(
    ("percent", "milli"),
    [("0.0", 0), ("0.001", 1), ("4.999", 4999), ("0.0009", 0), ("100.0", 100000), ("101", 100000), ("-1", 0)],
)
def test_percentages_are_cut_to_buckets(build: Build, percent: str, milli: int) -> None:
    snapshot: Snapshot = compile_snapshot([build("a", {KEY: {"percent": percent}})])
    assert snapshot.flags[KEY].milli_percent == milli
