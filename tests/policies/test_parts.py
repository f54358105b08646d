"""A part says of its environment what the environment says itself; columns of parts are columns of states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ci.judging.part_store import packed, unpacked
from config.desired import DesiredState, environment_file
from config.schema_walk import replace_at
from policies.chosen import ALL_UP_TO, chosen
from policies.columns import Columns, Shape, StateColumns
from policies.inputs import MISSING, Also, Hit, Spot, State, state_of
from policies.parts import NO_CLOCK, Judge, Part, PartStates
from policies.registry import RULES
from policies.watch import Watch

NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
TEXT = st.text(max_size=8)
PATHS = st.lists(st.one_of(TEXT, st.integers(0, 9)), min_size=1, max_size=4).map(tuple)
HITS = st.builds(
    Hit,
    path=PATHS,
    message=TEXT,
    help=TEXT,
    related=st.lists(st.builds(Also, PATHS, TEXT, TEXT, st.booleans()), max_size=2).map(tuple),
    environment=TEXT,
    spot=st.none() | st.builds(Spot, TEXT, *[st.integers(1, 999)] * 3),
)
CELLS = st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT, max_size=3).map(tuple)
SHAPES = (
    Shape((("a",), ("b", "c"), ("d", 0, "e")), (("a",), ("b", "c"), ("d", "*", "e")), "sdt"),
    Shape((("a",),), (("a",),), "n"),
)


@st.composite
def parts(draw: Any) -> Part:
    shape = draw(st.sampled_from(SHAPES))
    cells = draw(st.lists(CELLS, min_size=len(shape.paths), max_size=len(shape.paths)))
    hits = draw(st.dictionaries(TEXT, st.lists(HITS, min_size=1, max_size=2).map(tuple), max_size=2))
    return Part(shape, cells, hits, tuple(draw(st.lists(TEXT, max_size=2))))


def told(part: Part) -> tuple[Any, ...]:
    shape = (part.shape.paths, part.shape.patterns, part.shape.kinds)
    return shape, [(type(cell), cell) for cell in part.cells], part.hits, part.left


@settings(deadline=None)
@given(st.dictionaries(st.text("0123456789abcdef", min_size=4, max_size=4), parts(), max_size=6))
def test_packed_parts_come_out_as_they_went_in(some: Mapping[str, Part]) -> None:
    again = unpacked(packed(some))
    assert again is not None
    assert {key: told(part) for key, part in again.items()} == {key: told(part) for key, part in some.items()}
    shapes = {id(part.shape) for part in again.values()}
    assert len(shapes) == len({id(part.shape) for part in some.values()}), "alike shapes stay one object"


@settings(deadline=None)
@given(st.binary(max_size=60) | TEXT.map(str.encode))
def test_bytes_that_are_no_parts_are_none(data: bytes) -> None:
    assert not unpacked(data)


EDITS: tuple[Mapping[str, object], ...] = (
    {},
    {"sizing.fixed_quantity": 7},
    {"flags.live_trading_enabled.enabled": True},
    {"limits.max_order_value": Decimal("10000.50")},
    {"flags.paper_trading_enabled.accounts": ()},
    {"strategy.parameters": {"slow": Decimal("30.0"), "fast": 10}},
    {"alerting.warning": ("slack", "email", "sms")},
    {"phase": 4},
)


@pytest.fixture(scope="session")
def states(tree: DesiredState) -> dict[str, State]:
    """Each edit of each environment."""
    made = {}
    for name, environment in tree.environments.items():
        for number, edits in enumerate(EDITS):
            value = environment
            for key, new in edits.items():
                value = replace_at(value, tuple(key.split(".")), new)
            made[f"{name}-{number}"] = state_of(f"{name}-{number}", value, tree.catalogue, NOW)
    return made


@pytest.fixture(scope="session")
def kept(tree: DesiredState, states: dict[str, State]) -> dict[str, Part]:
    """The same part by part, packed and unpacked."""
    judge = Judge(RULES, tree.catalogue, Watch())
    documents = {
        name: replace(tree.documents[environment_file(name.split("-")[0])], value=state.environment)
        for name, state in states.items()
    }
    again = unpacked(packed(judge.parts(documents)))
    assert again is not None
    return again


def test_columns_of_parts_are_columns_of_states(states: dict[str, State], kept: dict[str, Part]) -> None:
    one: Columns = StateColumns(states)
    other: Columns = PartStates(kept, states.__getitem__)
    assert list(one.paths()) == list(other.paths())
    assert one.patterns() == other.patterns()
    for path in (*one.paths(), ("no", "such", "key")):
        both = list(zip(one.column(path, MISSING), other.column(path, MISSING), strict=True))
        assert all(repr(mine) == repr(its) for mine, its in both), path
    for name in states:
        assert (one.tier(name), one.shape(name).kinds) == (other.tier(name), other.shape(name).kinds)


def test_a_part_holds_what_every_rule_says(states: dict[str, State], kept: dict[str, Part]) -> None:
    for name, state in states.items():
        said = {
            rule.META.id: [(hit.path, hit.message) for hit in rule.judge(state)]
            for rule in RULES
            if rule.META.scope.value == "state" and state.tier in rule.META.tiers
        }
        part = kept[name]
        assert part.left == ()
        assert {rule: [(hit.path, hit.message) for hit in hits] for rule, hits in part.hits.items()} == {
            rule: hits for rule, hits in said.items() if hits
        }


def test_up_to_nine_environments_are_mutated_in_full(states: dict[str, State]) -> None:
    few = dict(list(states.items())[:ALL_UP_TO])
    assert chosen(StateColumns(few), few) == dict.fromkeys(few)


def test_more_are_mutated_where_they_are_unlike(states: dict[str, State], kept: dict[str, Part]) -> None:
    columns = PartStates(kept, states.__getitem__)
    found = chosen(columns, states)
    assert found == chosen(StateColumns(states), states)
    assert {name: keys for name, keys in found.items() if name.startswith("dev")} == {
        "dev-0": None,
        "dev-1": {("sizing", "fixed_quantity")},
        "dev-4": {("flags", "paper_trading_enabled", "accounts")},
        "dev-5": {("strategy", "parameters", "slow")},
        "dev-6": {("alerting", "warning")},
    }
    for tier in ("dev", "staging", "production"):
        names = [name for name in states if columns.tier(name) == tier]
        every = {
            (path, kind)
            for name in names
            for path, kind in zip(columns.shape(name).paths, columns.shape(name).kinds, strict=True)
        }
        mutated = {
            (path, kind)
            for name in names
            if name in found
            for path, kind in zip(columns.shape(name).paths, columns.shape(name).kinds, strict=True)
            if found[name] is None or path in (found[name] or ())
        }
        assert mutated == every


@pytest.mark.parametrize(
    "ask",
    [
        lambda clock: clock.date(),
        lambda clock: clock >= NOW,
        lambda clock: clock == NOW,
        lambda clock: NOW - clock,
        lambda clock: f"{clock:%H}",
        lambda clock: str(clock),
        lambda clock: bool(clock),
        lambda clock: {clock},
    ],
)
def test_whoever_asks_for_the_time_gets_none(ask: Any) -> None:
    with pytest.raises(LookupError, match="without a clock"):
        ask(NO_CLOCK)
