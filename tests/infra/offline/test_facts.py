"""Every fact about AWS types fits the installed pulumi_aws and names its source."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pulumi_aws
import pytest

from infra.facts.replacement import ONLY_WHEN, REPLACES, forces_replacement
from infra.facts.sizes import FAMILIES
from policies.aws_places import REGIONS
from policies.aws_sizes import CACHE, DATABASE, MACHINE, nearest
from policies.aws_tags import TAGGABLE

_SOURCE = re.compile(r"(schema: internal/service/[a-z0-9]+/[a-z0-9_]+\.go|api: .{20,})")


def _arguments(type_: str) -> set[str]:
    _, module, kind = re.fullmatch(r"(aws):(\w+)/\w+:(\w+)", type_).groups()  # type: ignore[union-attr]
    made: Any = getattr(getattr(pulumi_aws, module), kind)
    return set(inspect.signature(made._internal_init).parameters)


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name)


@pytest.mark.parametrize("type_", sorted(REPLACES))
def test_replacement_facts_name_real_properties_and_a_source(type_: str) -> None:
    known = _arguments(type_)
    for path, source in REPLACES[type_].items():
        assert _snake(path.split(".")[0]) in known
        assert _SOURCE.fullmatch(source)


def test_conditional_replacements_name_real_properties() -> None:
    for type_, pairs in ONLY_WHEN.items():
        for path, switch in pairs.items():
            assert {_snake(path), _snake(switch)} <= _arguments(type_)


def test_a_nested_path_forces_as_its_listed_parent_does() -> None:
    instance = "aws:ec2/instance:Instance"
    assert forces_replacement(instance, "rootBlockDevice.encrypted", {})
    assert not forces_replacement(instance, "rootBlockDevice.volumeSize", {})
    assert not forces_replacement("aws:rds/instance:Instance", "engineVersion", {})


@pytest.mark.parametrize("type_", sorted(TAGGABLE))
def test_taggable_types_have_a_tags_argument(type_: str) -> None:
    assert "tags" in _arguments(type_)


@pytest.mark.parametrize("type_", sorted(FAMILIES))
def test_sizes_are_checked_on_real_properties(type_: str) -> None:
    assert _snake(FAMILIES[type_][0]) in _arguments(type_)


def test_machine_sizes_hold_every_one_the_provider_knows_of_their_families() -> None:
    families = {one.rpartition(".")[0] for one in MACHINE}
    known = {one.value for one in pulumi_aws.ec2.InstanceType if one.value.rpartition(".")[0] in families}
    assert known <= MACHINE


def test_database_sizes_hold_every_one_the_provider_knows_of_their_families() -> None:
    families = {one.rpartition(".")[0] for one in DATABASE}
    known = {one.value for one in pulumi_aws.rds.InstanceType if one.value.rpartition(".")[0] in families}
    assert len(known) > 30
    assert known <= DATABASE


def test_regions_are_those_the_provider_knows_of_the_partition() -> None:
    others = ("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-")
    assert {one.value for one in pulumi_aws.Region if not one.value.startswith(others)} == REGIONS


def test_the_nearest_word_is_close_or_none() -> None:
    assert nearest("db.m7g.lagre", DATABASE) == "db.m7g.large"
    assert nearest("cache.t4g.smal", CACHE) == "cache.t4g.small"
    assert nearest("enormous", DATABASE) == ""
