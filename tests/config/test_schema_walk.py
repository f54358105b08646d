"""The schema as data covers every leaf, and a copy differs in one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from config.desired import DesiredState
from config.document import KeyPath
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.models.section import section
from config.schema_walk import ANY, fields_of, replace_at, value_at, walk


def fits(path: KeyPath, pattern: tuple[str, ...]) -> bool:
    return len(path) == len(pattern) and all(
        step in (ANY, str(here)) for here, step in zip(path, pattern, strict=True)
    )


@pytest.mark.parametrize("cls", [Environment, Catalogue])
def test_every_leaf_says_its_nature(cls: type[Any]) -> None:
    specs = fields_of(cls)
    patterns = [spec.path_pattern for spec in specs]
    assert len(set(patterns)) == len(patterns)
    assert all(spec.nature.says for spec in specs)


def test_patterns_name_free_keys_and_items_by_a_star() -> None:
    environment = {spec.path_pattern for spec in fields_of(Environment)}
    assert ("flags", ANY, "enabled") in environment
    assert ("strategy", "parameters", ANY) in environment
    assert ("limits", "max_order_value") in environment
    catalogue = {spec.path_pattern for spec in fields_of(Catalogue)}
    assert ("rollouts", "ladders", ANY, "steps", ANY, "pass_when", ANY, "value") in catalogue


def test_walk_reaches_every_leaf_with_its_spec(desired: DesiredState) -> None:
    for value in (*desired.environments.values(), desired.catalogue):
        leaves = list(walk(value))
        assert len({path for path, _, _ in leaves}) == len(leaves)
        for path, leaf, spec in leaves:
            assert fits(path, spec.path_pattern)
            assert value_at(value, path) == leaf
        seen = {spec.path_pattern for _, _, spec in leaves}
        assert seen <= {spec.path_pattern for spec in fields_of(type(value))}


def test_replaced_leaf_is_the_only_difference(desired: DesiredState) -> None:
    before = desired.environments["dev"]
    leaves = {path: leaf for path, leaf, _ in walk(before)}
    for path in leaves:
        after = replace_at(before, path, "changed")
        assert {p for p, leaf, _ in walk(after) if leaf != leaves[p]} == {path}
        assert value_at(before, path) == leaves[path]


def test_replacing_reaches_into_lists_and_adds_keys(desired: DesiredState) -> None:
    path: KeyPath = ("rollouts", "ladders", "phases", "steps", 1, "pass_when", 0, "value")
    changed = replace_at(desired.catalogue, path, Decimal(7))
    assert value_at(changed, path) == Decimal(7)
    assert value_at(changed, (*path[:4], 0)) == value_at(desired.catalogue, (*path[:4], 0))
    added = replace_at(desired.environments["dev"], ("flags", "new_flag"), "x")
    assert list(added.flags)[-1] == "new_flag"
    assert "new_flag" not in desired.environments["dev"].flags
    assert replace_at(1, (), 2) == 2


@pytest.mark.parametrize(
    "path",
    [
        ("nothing",),
        ("flags", "nothing"),
        ("phase", "x"),
        ("alerting", "critical", 99),
        ("alerting", "critical", -1),
    ],
)
def test_missing_path_has_no_value(desired: DesiredState, path: KeyPath) -> None:
    with pytest.raises(KeyError):
        value_at(desired.environments["production"], path)


def test_leaf_without_a_nature_is_an_error() -> None:
    @section
    class Bare:
        """A field that says nothing of itself."""

        count: int

    with pytest.raises(TypeError, match="field count declares no nature"):
        fields_of(Bare)
