"""The engine accepts this tree's own bundles, and refuses any that was bent after its commit."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.bundle import Bundle, PolicyRecord, compile_bundle
from config.findings import Refused
from config.models.environment import Environment
from config.reading import load
from config.tree import FolderTree
from engine.acceptance import LIVE_PROOFS, Accepted, accept
from engine.merging import safest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = PolicyRecord(rules=(), code_digest="", findings=0, waived=0)


@pytest.fixture(scope="module")
def bundles() -> dict[str, Bundle]:
    desired = load(FolderTree(ROOT))
    assert not isinstance(desired, Refused)
    names = ("dev", "staging", "production")
    return {name: compile_bundle(desired, name, "c" * 40, "t" * 40, NOBODY) for name in names}


def bent(bundle: Bundle, path: str, value: Any, part: str = "config") -> Bundle:
    changed: Any = copy.deepcopy(dict(getattr(bundle, part)))
    *folders, last = path.split(".")
    place = changed
    for step in folders:
        place = place[step]
    if value is DELETED:
        del place[last]
    else:
        place[last] = value
    return replace(bundle, **{part: changed})


DELETED = object()


def reasons(answer: Accepted | Refused) -> list[tuple[str, str, str]]:
    assert isinstance(answer, Refused)
    return [(finding.rule, finding.path, finding.message) for finding in answer.findings]


@pytest.mark.parametrize("name", ["dev", "staging", "production"])
def test_this_tree_is_accepted(bundles: dict[str, Bundle], name: str) -> None:
    answer = accept(bundles[name], environment=name, digest=bundles[name].digest)
    assert isinstance(answer, Accepted), answer
    assert answer.environment.environment == name
    assert answer.bundle is bundles[name]


def test_typed_values_equal_those_of_the_reader(bundles: dict[str, Bundle]) -> None:
    desired = load(FolderTree(ROOT))
    answer = accept(bundles["dev"], environment="dev")
    assert isinstance(answer, Accepted)
    assert not isinstance(desired, Refused)
    assert answer.environment == desired.environments["dev"]
    assert answer.catalogue == desired.catalogue


def test_bundle_of_another_environment_is_refused(bundles: dict[str, Bundle]) -> None:
    assert reasons(accept(bundles["staging"], environment="dev")) == [
        ("CFG030", "environment", "this is a bundle of `staging`, not of `dev`")
    ]
    lying = replace(bundles["staging"], environment="dev")
    assert reasons(accept(lying, environment="dev"))[0][0] == "CFG030"


def test_other_digest_than_the_ledgers_is_refused(bundles: dict[str, Bundle]) -> None:
    answer = accept(bundles["dev"], environment="dev", digest="0" * 64)
    assert reasons(answer) == [
        ("CFG032", "", f"the bundle's digest is {bundles['dev'].digest[:12]}, the ledger says 000000000000")
    ]


@pytest.mark.parametrize("part, path", [("config", "schema"), ("catalogue", "flags.schema")])
def test_unknown_schema_is_refused(bundles: dict[str, Bundle], part: str, path: str) -> None:
    answer = accept(bent(bundles["dev"], path, 2, part), environment="dev")
    assert [rule for rule, _, _ in reasons(answer)] == ["CFG031"]


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("phase", "1", "phase"),
        ("phase", True, "phase"),
        ("debug_mode", 1, "debug_mode"),
        ("trading_halted", DELETED, "trading_halted"),
        ("live_trading", True, "live_trading"),
        ("limits.max_order_value", DELETED, "limits.max_order_value"),
        ("limits.max_order_value", "NaN", "limits.max_order_value"),
        ("venue.mode", "Paper", "venue.mode"),
        ("flags.live_trading_enabled.accounts", "ACCT-1", "flags.live_trading_enabled.accounts"),
    ],
)
def test_wrong_types_are_refused_with_their_place(
    bundles: dict[str, Bundle], path: str, value: Any, place: str
) -> None:
    found = reasons(accept(bent(bundles["dev"], path, value), environment="dev"))
    assert {(rule, where) for rule, where, _ in found} == {("CFG033", place)}


def test_float_is_no_value(bundles: dict[str, Bundle]) -> None:
    answer = accept(bent(bundles["dev"], "limits.max_order_value", 5000.5), environment="dev")
    assert reasons(answer) == [("CFG033", "", "a float has no place in canonical bytes")]


@pytest.mark.parametrize("value", ["5000.00", "5e3", "5000"])
def test_other_spelling_of_a_number_is_refused(bundles: dict[str, Bundle], value: str) -> None:
    answer = accept(bent(bundles["dev"], "limits.max_order_value", value), environment="dev")
    assert reasons(answer) == [("CFG033", "", "the typed values do not give the same bytes back")]


def test_number_beyond_its_cap_is_refused(bundles: dict[str, Bundle]) -> None:
    answer = accept(bent(bundles["dev"], "limits.max_order_value", "25000.1"), environment="dev")
    assert reasons(answer) == [("LIM030", "limits.max_order_value", "25000.1 is beyond its cap 25000.0")]
    low = accept(bent(bundles["dev"], "limits.duplicate_window_seconds", 9), environment="dev")
    assert reasons(low) == [("LIM030", "limits.duplicate_window_seconds", "9 is beyond its cap 10")]


def test_text_of_another_form_is_refused(bundles: dict[str, Bundle]) -> None:
    answer = accept(bent(bundles["dev"], "database.host", "-oProxyCommand=x"), environment="dev")
    assert reasons(answer) == [("CFG034", "database.host", "`-oProxyCommand=x` is not of its form")]


def test_live_mode_names_every_missing_proof(bundles: dict[str, Bundle]) -> None:
    answer = accept(bent(bundles["production"], "venue.mode", "live"), environment="production")
    assert reasons(answer) == [("VEN030", "venue.mode", "live needs: " + "; ".join(LIVE_PROOFS))]


@pytest.mark.parametrize("mode", ["paper", "shadow", "backtest"])
def test_modes_that_can_be_built_are_accepted(bundles: dict[str, Bundle], mode: str) -> None:
    assert isinstance(accept(bent(bundles["dev"], "venue.mode", mode), environment="dev"), Accepted)


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("flags.live_trading_enabled.enabled", True, "FLG030"),
        ("flags.live_trading_enabled.percent", "0.001", "FLG030"),
        ("flags.live_trading_enabled.accounts", ["ACCT-DEV-1"], "FLG030"),
        ("flags.live_trading_enabled", DELETED, "FLG030"),
        ("database.live_schema", "live_trading_dev", "VEN034"),
        ("venue.credentials.scope", "sandbox", "VEN035"),
    ],
)
def test_dev_is_never_live(bundles: dict[str, Bundle], path: str, value: Any, rule: str) -> None:
    found = reasons(accept(bent(bundles["dev"], path, value), environment="dev"))
    assert [found_rule for found_rule, _, _ in found] == [rule]


@pytest.mark.parametrize(
    ("name", "venue", "rules"),
    [
        ("dev", "alpaca-live", {"VEN032", "VEN033"}),
        ("dev", "alpaca-sandbox", {"VEN032", "VEN033"}),
        ("staging", "alpaca-live", {"VEN032", "VEN036"}),
        ("staging", "nowhere", {"VEN031", "VEN036"}),
    ],
)
def test_venue_beyond_the_tier_is_refused(
    bundles: dict[str, Bundle], name: str, venue: str, rules: set[str]
) -> None:
    found = reasons(accept(bent(bundles[name], "venue.name", venue), environment=name))
    assert {rule for rule, _, _ in found} == rules


@pytest.fixture
def merge(bundles: dict[str, Bundle]) -> Callable[..., Environment]:
    def merged(path: str, *values: Any) -> Environment:
        accepted = [
            accept(bent(bundles["production"], path, value), environment="production") for value in values
        ]
        environments = [answer.environment for answer in accepted if isinstance(answer, Accepted)]
        assert len(environments) == len(values), accepted
        return safest(environments)

    return merged


@pytest.mark.parametrize(
    ("path", "values", "expected"),
    [
        ("limits.max_order_value", ("100.0", "250.0"), "100.0"),
        ("limits.max_order_value", ("250.0", "100.0"), "100.0"),
        ("limits.min_reward_risk", ("1.5", "2.0"), "2.0"),
        ("trading_halted", (False, True), "True"),
        ("debug_mode", (True, False), "False"),
        ("venue.mode", ("shadow", "paper"), "paper"),
        ("sizing.fixed_quantity", (None, 5), "5"),
        ("sizing.fixed_quantity", (7, None), "7"),
        ("alerting.critical", (["pagerduty"], ["pagerduty", "slack"]), "('pagerduty', 'slack')"),
        ("strategy.parameters.fast", (10, 12), "10"),
        ("url", ("https://a.example", "https://b.example"), "https://a.example"),
    ],
)
def test_listed_commits_run_on_the_safest_value(
    merge: Callable[..., Environment], path: str, values: tuple[Any, ...], expected: str
) -> None:
    found: Any = merge(path, *values)
    for step in path.split("."):
        found = found[step] if isinstance(found, dict) or hasattr(found, "keys") else getattr(found, step)
    assert str(found) == expected
