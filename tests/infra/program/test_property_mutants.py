"""Every switch of every planned resource is thrown: a rule refuses it, or a reason for this property is recorded."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.findings import Refused
from config.reading import load
from config.tree import FolderTree
from infra.pack.judging import rules_of_pack
from policies.inputs import Resource, Resources, State, state_of
from policies.planned import HOLDS_RECORDS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("program")]
ROOT = Path(__file__).resolve().parents[3]
_CONVENIENCE = "without it names do not resolve and nothing starts: no way in is opened"
_COST = "costs money or comfort, opens nothing"
_LATER = "decides when a change is taken over, not what it is"
_ONE_ZONE = "refused in production; staging holds no money and may wait for its zone"
UNGUARDED = {
    ("aws:ec2/vpc:Vpc", "enableDnsHostnames"): _CONVENIENCE,
    ("aws:ec2/vpc:Vpc", "enableDnsSupport"): _CONVENIENCE,
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "privateDnsEnabled"): _CONVENIENCE,
    ("aws:ec2/instance:Instance", "monitoring"): _COST,
    ("aws:ec2/instance:Instance", "userDataReplaceOnChange"): _LATER,
    ("aws:ecs/service:Service", "waitForSteadyState"): _LATER,
    ("aws:elasticache/replicationGroup:ReplicationGroup", "automaticFailoverEnabled"): _ONE_ZONE,
    ("aws:elasticache/replicationGroup:ReplicationGroup", "multiAzEnabled"): _ONE_ZONE,
    ("aws:rds/instance:Instance", "multiAz"): _ONE_ZONE,
    ("aws:elasticache/replicationGroup:ReplicationGroup", "applyImmediately"): _LATER,
    ("aws:elasticache/replicationGroup:ReplicationGroup", "autoMinorVersionUpgrade"): _LATER,
    ("aws:rds/instance:Instance", "applyImmediately"): _LATER,
    ("aws:rds/instance:Instance", "autoMinorVersionUpgrade"): _LATER,
    ("aws:rds/instance:Instance", "copyTagsToSnapshot"): _COST,
    ("aws:rds/instance:Instance", "performanceInsightsEnabled"): _COST,
    ("aws:lb/loadBalancer:LoadBalancer", "dropInvalidHeaderFields"): "the engine checks each signal itself",
    (
        "aws:lb/loadBalancer:LoadBalancer",
        "enableDeletionProtection",
    ): "holds no record and is made again in minutes",
    ("aws:lb/loadBalancer:LoadBalancer", "internal"): "inside only is the safer side",
    (
        "aws:sns/topicSubscription:TopicSubscription",
        "endpointAutoConfirms",
    ): "the provider only waits differently",
}


def _switches(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, bool):
        yield path
    for key, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from _switches(inner, (*path, key))


def _thrown(properties: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    made: Any = copy.deepcopy(properties)
    place = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = not place[path[-1]]
    return dict(made)


def _graph(made: list[dict[str, Any]], name: str) -> tuple[Resource, ...]:
    return tuple(
        Resource(f"urn:pulumi:{name}::interlock::{one['type']}::{one['name']}", one["type"], "create", one["inputs"],
                 one["type"] in HOLDS_RECORDS)
        for one in made
    )  # fmt: skip


def _hits(state: State, planned: tuple[Resource, ...]) -> set[tuple[str, str]]:
    rules = [rule for rule in rules_of_pack() if state.tier in rule.META.tiers]
    return {(rule.META.id, hit.message) for rule in rules for hit in rule.judge(Resources(state, planned))}


@pytest.fixture(scope="module")
def states() -> dict[str, State]:
    desired = load(FolderTree(ROOT))
    assert not isinstance(desired, Refused)
    as_of = datetime(2026, 11, 20, tzinfo=UTC)
    return {name: state_of(name, one, desired.catalogue, as_of) for name, one in desired.environments.items()}


def test_every_thrown_switch_is_refused_or_reasoned(
    built: Callable[..., list[dict[str, Any]]], states: dict[str, State]
) -> None:
    survivors: set[tuple[str, str]] = set()
    mutants = 0
    for name in ("staging", "production"):
        planned = _graph(built(name), name)
        known = _hits(states[name], planned)
        for index, one in enumerate(planned):
            for path in _switches(dict(one.properties)):
                mutants += 1
                other = Resource(one.urn, one.type, one.op, _thrown(dict(one.properties), path), one.protect)
                if not _hits(states[name], (*planned[:index], other, *planned[index + 1 :])) - known:
                    survivors.add((one.type, str(path[0])))
    assert mutants > 80
    assert survivors == set(UNGUARDED)
