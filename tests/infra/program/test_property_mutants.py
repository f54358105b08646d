"""Every property of every planned resource is made dangerous: a rule refuses it, or a reason says why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from config.findings import Refused
from config.reading import load
from config.tree import FolderTree
from infra.facts.mutants import Mutant, mutants
from infra.facts.unguarded import REASONS, covers, uncovered
from infra.naming import tags
from infra.pack.judging import rules_of_pack, sees_whole_graph
from policies.aws_tags import TAGGABLE
from policies.aws_types import HARMLESS, JUDGED
from policies.inputs import UNKNOWN, Resource, Resources, State, state_of
from policies.planned import CACHE, HOLDS_RECORDS
from policies.rule import Rule

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("program")]
ROOT = Path(__file__).resolve().parents[3]
SHAPES = (("staging",), ("staging", "ecs"), ("production",))
Hits = set[tuple[str, str]]


def _plain(value: Any) -> Any:
    """As the engine's values are read: whole numbers are ints."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _graph(made: list[dict[str, Any]], state: State) -> tuple[Resource, ...]:
    default, graph = tags(state.environment), []
    for one in made:
        inputs, type_ = _plain(one["inputs"]), one["type"]
        if type_ in TAGGABLE:
            inputs["tags"] = {**default, **(inputs.get("tags") or {})}
        if type_ == CACHE:
            inputs["authTokenWo"] = UNKNOWN  # the recorder leaves secrets out
        urn = f"urn:pulumi:{state.name}::interlock::{type_}::{one['name']}"
        graph.append(Resource(urn, type_, "create", inputs, type_ in HOLDS_RECORDS))
    return tuple(graph)


def _hits(rules: Sequence[Rule], state: State, planned: Sequence[Resource]) -> Hits:
    return {
        (rule.META.id, hit.message) for rule in rules for hit in rule.judge(Resources(state, tuple(planned)))
    }


class Fate(NamedTuple):
    """What became of one mutant: which rules it fired."""

    type: str
    path: str
    kind: str
    fired: frozenset[str]


class Bench:
    """One plan, its rules, and what they have against it as it is."""

    def __init__(self, state: State, planned: tuple[Resource, ...]) -> None:
        rules = [rule for rule in rules_of_pack() if state.tier in rule.META.tiers]
        self.state, self.planned = state, planned
        self.whole = [rule for rule in rules if sees_whole_graph(rule)]
        self.single = [rule for rule in rules if not sees_whole_graph(rule)]
        self.clean = _hits(self.single, state, planned) | _hits(self.whole, state, planned)

    def fired(self, at: int, mutant: Mutant) -> set[str]:
        """The rules that have something against the mutant in this plan."""
        planned = [*self.planned[:at], mutant.resource, *self.planned[at + 1 :]]
        hits = _hits(self.single, self.state, [mutant.resource]) | _hits(self.whole, self.state, planned)
        return {rule for rule, _ in hits}


@pytest.fixture(scope="module")
def benches(built: Callable[..., list[dict[str, Any]]]) -> list[Bench]:
    desired = load(FolderTree(ROOT))
    assert not isinstance(desired, Refused)
    as_of, found = datetime(2026, 11, 20, tzinfo=UTC), []
    for words in SHAPES:
        state = state_of(words[0], desired.environments[words[0]], desired.catalogue, as_of)
        found.append(Bench(state, _graph(built(*words), state)))
    return found


@pytest.fixture(scope="module")
def fates(benches: list[Bench]) -> list[Fate]:
    return [
        Fate(one.type, mutant.path, mutant.kind, frozenset(bench.fired(at, mutant)))
        for bench in benches
        for at, one in enumerate(bench.planned)
        for mutant in mutants(one)
    ]


def test_plans_as_they_are_break_no_rule(benches: list[Bench]) -> None:
    assert [bench.clean for bench in benches] == [set()] * len(SHAPES)


def test_every_dangerous_property_is_refused_or_reasoned(fates: list[Fate]) -> None:
    survivors = [(one.type, one.path, one.kind) for one in fates if not one.fired]
    without_reason, without_survivor = uncovered(survivors)
    assert len(fates) > 10_000
    assert without_reason == []
    assert without_survivor == []


def test_each_rule_of_the_pack_is_fired_by_a_mutant_of_this_program(fates: list[Fate]) -> None:
    fired = set().union(*(one.fired for one in fates))
    # no value of a property makes it another type
    assert {rule.META.id for rule in rules_of_pack()} - fired == {"INF129"}


def test_kinds_of_mutants_cover_what_goes_wrong(fates: list[Fate]) -> None:
    kinds = {one.kind for one in fates}
    assert kinds == {
        "added", "another account", "any action", "any action of the service", "any resource", "anybody", "emptied",
        "flipped", "halved", "no condition", "nothing", "other", "removed", "tenfold", "unknown", "world",
    }  # fmt: skip


def test_every_type_of_the_program_is_judged_or_harmless(benches: list[Bench]) -> None:
    ours = {one.type for bench in benches for one in bench.planned if one.type.startswith("aws:")}
    assert ours <= JUDGED | set(HARMLESS)
    assert set(HARMLESS) <= ours


def test_every_judged_type_is_read_by_a_rule() -> None:
    read = {pattern for rule in rules_of_pack() for pattern in rule.META.reads}
    for type_ in JUDGED:
        if type_.startswith("aws:"):
            assert any(pattern.startswith(f"resources.{type_}") for pattern in read), type_


def test_a_survivor_without_reason_and_a_reason_without_survivor_are_told() -> None:
    bare, stale = uncovered([("aws:rds/instance:Instance", "publiclyAccessible", "flipped")])
    assert bare == ["Instance publiclyAccessible flipped"]
    assert len(stale) == sum(map(len, REASONS.values()))
    assert covers("Instance multiAz *", "aws:rds/instance:Instance", "multiAz", "flipped")
    assert not covers("Instance multiAz removed|other", "aws:rds/instance:Instance", "multiAz", "flipped")
