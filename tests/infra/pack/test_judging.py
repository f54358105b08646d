"""Which rules are asked about which resources, and what they say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from infra import wire
from infra.pack.judging import applies, judge, plain, resource, rules_of_pack, sentence
from infra.pack.proof import prove
from policies import sample
from policies.inputs import UNKNOWN, State, state_of
from policies.planned import CACHE, DATABASE, MACHINE
from policies.registry import RULES, rule_by_name
from policies.rule import Rule, Scope
from policies.subjects import subject_of

RESOURCE_RULES = [rule for rule in RULES if rule.META.scope is Scope.RESOURCES]
SAMPLES = [
    pytest.param(rule, one, fires, id=f"{rule.META.slug}-{one.says}")
    for rule in RESOURCE_RULES
    for fires, samples in ((False, rule.VALID), (True, rule.INVALID))
    for one in samples
]


def _state(tier: str) -> State:
    return state_of(tier, sample.environment(tier), sample.catalogue(), datetime(2026, 1, 1, tzinfo=UTC))


def _rule(name: str) -> Rule:
    found = rule_by_name(name)
    assert found is not None
    return found


@pytest.mark.parametrize("rule, one, fires", SAMPLES)
def test_samples_behave(rule: Rule, one: object, fires: bool) -> None:
    hits = list(rule.judge(subject_of(one, rule.META)))  # type: ignore[arg-type]
    assert bool(hits) is fires


@pytest.mark.parametrize("rule", RESOURCE_RULES, ids=lambda rule: rule.META.slug)
def test_rules_name_the_types_they_look_at(rule: Rule) -> None:
    named = [one.split(".")[1] for one in rule.META.reads if one.startswith("resources.")]
    assert named
    assert all(one == "*" or ":" in one for one in named)


ALWAYS_REFUSED = {"aws:ec2/securityGroupRule:SecurityGroupRule", "gcp:sql/databaseInstance:DatabaseInstance"}


@pytest.mark.parametrize("rule", RESOURCE_RULES, ids=lambda rule: rule.META.slug)
def test_every_kind_a_rule_refuses_has_a_safe_twin_it_lets_pass(rule: Rule) -> None:
    unsafe, safe = (
        {one.type for sample_ in samples for one in sample_.resources}
        for samples in (rule.INVALID, rule.VALID)
    )
    assert unsafe - safe <= ALWAYS_REFUSED


def test_values_nobody_knows_become_the_marker() -> None:
    assert plain({"a": wire.UNKNOWN, "b": [wire.Secret("x")], "c": 1}) == {
        "a": UNKNOWN,
        "b": [UNKNOWN],
        "c": 1,
    }


def test_a_rule_applies_by_type_and_tier() -> None:
    rule = _rule("one_zone_in_production")
    assert applies(rule, _state("production"), [DATABASE])
    assert not applies(rule, _state("staging"), [DATABASE])
    assert not applies(rule, _state("production"), [MACHINE])


def test_a_violation_keeps_the_resource_it_is_about() -> None:
    bad = resource("urn:x::y::t::valkey", CACHE, {"transitEncryptionEnabled": False}, protect=True)
    found = list(judge(_rule("store_without_tls"), _state("production"), [bad]))
    assert {one.urn for one in found} == {"urn:x::y::t::valkey"}
    assert sentence(found[0]).endswith("[config: redis.tls]")


def test_rules_about_operations_are_left_to_preview() -> None:
    assert "records_replaced_or_deleted" not in {rule.META.slug for rule in rules_of_pack()}


def test_a_dangerous_property_that_no_rule_refuses_survives_the_proof() -> None:
    odd = resource("urn:x::y::t::odd", DATABASE, {"monitoringInterval": 60}, protect=True)
    known = resource("urn:x::y::t::db", DATABASE, {"publiclyAccessible": False}, protect=True)
    proof = prove(_state("production"), [odd, known])
    assert "Instance monitoringInterval tenfold" in proof.survivors
    assert not [one for one in proof.survivors if "publiclyAccessible" in one]
    assert proof.sentence().endswith("survive")
