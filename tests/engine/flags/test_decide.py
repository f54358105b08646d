"""The precedence is total; less information never opens a flag, and one more kill never opens anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.bundle import Bundle
from engine.flags import keys
from engine.flags.bucketing import bucket
from engine.flags.compile import Snapshot, compile_snapshot
from engine.flags.decide import Decision, Reason, decide

Build = Callable[..., Bundle]
FLAG, LIVE, STOP = keys.PAPER_TRADING_ENABLED, keys.LIVE_TRADING_ENABLED, keys.EMERGENCY_STOP_ENABLED


def ask(snapshot: Snapshot | None, flag: str = FLAG, account: str | None = "ACCT-1", **said: Any) -> Decision:
    usual: dict[str, Any] = {"kills": (), "venue_kind": "paper", "lease_ok": True}
    return decide(snapshot, flag, account, **usual | said)


def one(build: Build, **flags: Any) -> Snapshot:
    return compile_snapshot([build("a", flags)])


@pytest.mark.parametrize(
    ("said", "asked", "value", "reason"),
    [
        ({}, {"trusted": False}, False, Reason.FAIL_SAFE),
        ({"risk": "ux"}, {"trusted": False}, True, Reason.SPLIT),
        ({}, {"kills": ["global"]}, False, Reason.KILLED),
        ({"ceiling": "off", "accounts": ["ACCT-1"]}, {}, False, Reason.CEILING),
        ({"ceiling": "sandbox"}, {"venue_kind": "live"}, False, Reason.CEILING),
        ({"ceiling": "sandbox"}, {"venue_kind": None}, False, Reason.CEILING),
        ({"ceiling": "sandbox"}, {"venue_kind": "sandbox"}, True, Reason.SPLIT),
        ({"enabled": False, "accounts": ["ACCT-1"]}, {}, False, Reason.DISABLED),
        ({"enabled": False, "safe": True}, {}, False, Reason.DISABLED),
        ({}, {"lease_ok": False}, False, Reason.STALE_LEASE),
        ({"risk": "mode"}, {"lease_ok": False}, False, Reason.STALE_LEASE),
        ({"risk": "monitoring", "safe": True}, {"lease_ok": False}, True, Reason.SPLIT),
        ({"prerequisites": ["absent"]}, {}, False, Reason.PREREQUISITE),
        ({"prerequisites": [FLAG]}, {}, False, Reason.PREREQUISITE),
        ({}, {"account": None}, False, Reason.TARGETING_KEY_MISSING),
        ({}, {"account": ""}, False, Reason.TARGETING_KEY_MISSING),
        ({}, {"account": "Zoe\u0308"}, False, Reason.TARGETING_KEY_MISSING),
        ({}, {"account": "a" * 257}, False, Reason.TARGETING_KEY_MISSING),
        ({"accounts": ["ACCT-1"], "percent": "0.0"}, {}, True, Reason.TARGETING_MATCH),
        ({"accounts": ["acct-1"], "percent": "0.0"}, {}, False, Reason.DEFAULT),
        ({"percent": "100.0"}, {}, True, Reason.SPLIT),
        ({"percent": "0.0"}, {}, False, Reason.DEFAULT),
        ({"percent": "0.0", "safe": True}, {}, True, Reason.DEFAULT),
    ],
)
def test_first_matching_rule_decides(
    build: Build, said: dict[str, Any], asked: dict[str, Any], value: bool, reason: Reason
) -> None:
    decision = ask(one(build, **{FLAG: said}), **asked)
    assert (decision.value, decision.reason) == (value, reason)


def test_decision_names_snapshot_commit_and_bucket(build: Build) -> None:
    snapshot = one(build, **{FLAG: {}})
    place = bucket(FLAG, "ACCT-1")
    assert ask(snapshot) == Decision(True, Reason.SPLIT, FLAG, place, snapshot.digest, "a" * 40)


def test_bucket_on_the_edge_stays_out(build: Build) -> None:
    place = bucket(FLAG, "ACCT-1")
    for milli, value in ((place, False), (place + 1, True)):
        percent = f"{milli // 1000}.{milli % 1000:03d}"
        assert ask(one(build, **{FLAG: {"percent": percent}})).value is value


def test_no_snapshot_gives_known_safe_values() -> None:
    assert {flag: ask(None, flag).value for flag in keys.SAFE} == keys.SAFE
    assert ask(None, "never_heard_of") == Decision(False, Reason.FAIL_SAFE, "never_heard_of", None, "", "")


def test_unknown_flag_is_safe(build: Build) -> None:
    snapshot = one(build, other={})
    assert ask(snapshot)[:2] == (False, Reason.FLAG_NOT_FOUND)
    assert ask(snapshot, STOP)[:2] == (True, Reason.FLAG_NOT_FOUND)


@pytest.mark.parametrize(
    ("scope", "hit"),
    [
        ("global", True),
        ("account:ACCT-1", True),
        ("account:ACCT-2", False),
        (f"flag:{FLAG}", True),
        ("flag:other", False),
        ("strategy:cross", True),
        ("strategy:other", False),
        ("account:", True),
        ("", True),
        ("who knows", True),
    ],
)
def test_kill_stops_what_its_scope_names(build: Build, scope: str, hit: bool) -> None:
    decision = ask(one(build, **{FLAG: {}}), kills=[scope], strategy="cross")
    assert (decision.reason is Reason.KILLED) is hit
    assert decision.value is not hit


def test_kill_of_a_strategy_nobody_named_counts(build: Build) -> None:
    assert ask(one(build, **{FLAG: {}}), kills=["strategy:other"]).reason is Reason.KILLED


def test_halted_by_git_kills(build: Build) -> None:
    assert ask(compile_snapshot([build("a", {FLAG: {}}, halted=True)])).reason is Reason.KILLED


def test_killed_prerequisite_never_opens_its_dependent(build: Build) -> None:
    snapshot = one(build, **{STOP: {"safe": True, "enabled": False}, FLAG: {"prerequisites": [STOP]}})
    assert ask(snapshot).reason is Reason.PREREQUISITE
    assert ask(snapshot, STOP, kills=[f"flag:{STOP}"])[:2] == (True, Reason.KILLED)
    assert ask(snapshot, kills=[f"flag:{STOP}"])[:2] == (False, Reason.PREREQUISITE)


def test_disarmed_stop_in_any_listed_commit_closes(build: Build) -> None:
    armed = {STOP: {"safe": True}, FLAG: {"prerequisites": [STOP]}}
    disarmed = {STOP: {"safe": True, "enabled": False}, FLAG: {"prerequisites": [STOP]}}
    snapshot = compile_snapshot([build("a", armed), build("b", disarmed)])
    assert ask(snapshot, STOP).value is True
    assert ask(snapshot)[:2] == (False, Reason.PREREQUISITE)


def test_prerequisites_in_a_circle_are_safe(build: Build) -> None:
    snapshot = one(build, **{FLAG: {"prerequisites": [LIVE]}, LIVE: {"prerequisites": [FLAG]}})
    assert ask(snapshot)[:2] == (False, Reason.PREREQUISITE)
    assert ask(snapshot, LIVE)[:2] == (False, Reason.PREREQUISITE)


def test_remembered_answer_never_outlives_its_situation(build: Build) -> None:
    snapshot = one(build, **{FLAG: {}})
    assert ask(snapshot).value is True
    assert ask(snapshot, kills=["global"]).value is False
    assert ask(snapshot, lease_ok=False).value is False
    assert ask(snapshot, trusted=False).value is False
    assert ask(snapshot) is ask(snapshot)


_accounts = st.sampled_from(["ACCT-1", "ACCT-2", "ACCT-3", ""])
_states = st.fixed_dictionaries(
    {
        "enabled": st.booleans(),
        "accounts": st.lists(_accounts.filter(bool), max_size=2),
        "percent": st.sampled_from(["0.0", "25.0", "50.0", "100.0"]),
        "risk": st.sampled_from(["live_money", "mode", "monitoring", "ux"]),
        "ceiling": st.sampled_from(["off", "sandbox", "on"]),
        "prerequisites": st.lists(st.sampled_from(sorted(keys.SAFE)), max_size=3),
    }
)


def _states_of(key: str) -> st.SearchStrategy[dict[str, Any]]:
    def owned(said: dict[str, Any]) -> dict[str, Any]:
        return said | {"safe": keys.SAFE[key]}

    return _states.map(owned)


_fleets = st.fixed_dictionaries({key: _states_of(key) for key in keys.SAFE})
_scopes = [
    "global",
    "account:ACCT-1",
    "account:ACCT-2",
    "strategy:cross",
    *(f"flag:{key}" for key in keys.SAFE),
]
_questions = st.fixed_dictionaries(
    {
        "kills": st.lists(st.sampled_from(_scopes), max_size=2),
        "venue_kind": st.sampled_from(["paper", "sandbox", "live", None]),
        "lease_ok": st.booleans(),
        "trusted": st.booleans(),
        "strategy": st.sampled_from(["cross", None]),
    }
)


def _snapshot(build: Build, commits: Sequence[dict[str, Any]]) -> Snapshot:
    return compile_snapshot([build(name, flags) for name, flags in zip("abc", commits, strict=False)])


@settings(max_examples=400, deadline=None)
@given(st.lists(_fleets, min_size=1, max_size=2), _accounts, _questions, st.sampled_from(_scopes))
def test_one_more_kill_never_opens(
    build: Build, commits: list[dict[str, Any]], account: str, asked: dict[str, Any], scope: str
) -> None:
    snapshot = _snapshot(build, commits)
    for flag, safe in keys.SAFE.items():
        if ask(snapshot, flag, account, **asked).value is safe:
            assert ask(snapshot, flag, account, **asked | {"kills": [*asked["kills"], scope]}).value is safe


@settings(max_examples=400, deadline=None)
@given(_fleets, _accounts, _questions, st.sampled_from(sorted(keys.SAFE)))
def test_less_information_never_opens(
    build: Build, flags: dict[str, Any], account: str, asked: dict[str, Any], lost_flag: str
) -> None:
    snapshot = _snapshot(build, [flags])
    without = _snapshot(build, [{key: said for key, said in flags.items() if key != lost_flag}])
    poorer = [
        (snapshot, account, asked | {"lease_ok": False}),
        (snapshot, account, asked | {"trusted": False}),
        (snapshot, account, asked | {"venue_kind": None}),
        (snapshot, account, asked | {"strategy": None}),
        (snapshot, None, asked),
        (without, account, asked),
        (None, account, asked),
    ]
    for flag, safe in keys.SAFE.items():
        if ask(snapshot, flag, account, **asked).value is safe:
            for less, unit, situation in poorer:
                assert ask(less, flag, unit, **situation).value is safe


@settings(max_examples=400, deadline=None)
@given(st.lists(_fleets, min_size=2, max_size=3), _accounts, _questions)
def test_listed_commits_open_only_what_all_open(
    build: Build, commits: list[dict[str, Any]], account: str, asked: dict[str, Any]
) -> None:
    together = _snapshot(build, commits)
    for flag, safe in keys.SAFE.items():
        if any(ask(_snapshot(build, [single]), flag, account, **asked).value is safe for single in commits):
            assert ask(together, flag, account, **asked).value is safe


@settings(max_examples=400, deadline=None)
@given(
    st.lists(_fleets, min_size=1, max_size=2), _accounts, st.sampled_from(["paper", "sandbox", "live", None])
)
def test_prepared_rows_equal_the_plain_evaluation(
    build: Build, commits: list[dict[str, Any]], account: str, venue_kind: str | None
) -> None:
    snapshot = _snapshot(build, commits)
    for flag in (*keys.SAFE, "never_heard_of"):
        quick = ask(snapshot, flag, account, venue_kind=venue_kind)
        plain = ask(snapshot, flag, account, venue_kind=venue_kind, kills=["flag:unrelated"])
        assert quick == plain


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 100_000), st.text(min_size=1, max_size=20))
def test_raising_a_share_never_drops_anybody(build: Build, low: int, high: int, account: str) -> None:
    low, high = sorted((low, high))
    lower, higher = (
        _snapshot(build, [{FLAG: {"percent": f"{share // 1000}.{share % 1000:03d}"}}])
        for share in (low, high)
    )
    assert ask(lower, account=account).value <= ask(higher, account=account).value
