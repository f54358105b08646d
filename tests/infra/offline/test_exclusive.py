"""A rule somebody adds to a security group is found, however it was added, and goes when the list is enforced."""

from __future__ import annotations

from typing import Any

import pytest

from infra.offline.exclusive import held_rules, without_strangers

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
LIST = {"securityGroupId": "sg-1", "ingressRuleIds": ["sgr-b", "sgr-a"], "egressRuleIds": []}


def _rule(type_: str, group: str = "sg-1") -> dict[str, Any]:
    return {"type": type_, "urn": "u", "properties": {"securityGroupId": group}}


def _cloud(**more: Any) -> dict[str, Any]:
    group = {"type": "aws:ec2/securityGroup:SecurityGroup", "urn": "u", "properties": {"vpcId": "vpc-1"}}
    return {"sg-1": group, "sgr-a": _rule(INGRESS), "sgr-b": _rule(INGRESS)} | more


def test_listed_rules_keep_the_order_of_the_list() -> None:
    assert held_rules(_cloud(), LIST) == {"ingressRuleIds": ["sgr-b", "sgr-a"], "egressRuleIds": []}


def test_rule_that_is_gone_is_missing() -> None:
    cloud = {key: held for key, held in _cloud().items() if key != "sgr-b"}
    assert held_rules(cloud, LIST)["ingressRuleIds"] == ["sgr-a"]


@pytest.mark.parametrize(("type_", "side"), [(INGRESS, "ingressRuleIds"), (EGRESS, "egressRuleIds")])
def test_stranger_is_found_then_taken_out(type_: str, side: str) -> None:
    cloud = _cloud(stranger=_rule(type_), elsewhere=_rule(type_, "sg-2"))
    assert held_rules(cloud, LIST)[side][-1] == "stranger"
    after = without_strangers(cloud, LIST)
    assert sorted(after) == ["elsewhere", "sg-1", "sgr-a", "sgr-b"]
    assert held_rules(after, LIST) == held_rules(_cloud(), LIST)


@pytest.mark.parametrize(("inline", "side"), [("ingress", "ingressRuleIds"), ("egress", "egressRuleIds")])
def test_rule_written_into_the_group_is_found_then_taken_out(inline: str, side: str) -> None:
    cloud = _cloud()
    cloud["sg-1"]["properties"][inline] = [{"cidrBlocks": ["0.0.0.0/0"], "fromPort": 0}]
    assert len(held_rules(cloud, LIST)[side]) == len(held_rules(_cloud(), LIST)[side]) + 1
    after = without_strangers(cloud, LIST)
    assert after["sg-1"]["properties"] == {"vpcId": "vpc-1"}


def test_nothing_strange_changes_nothing() -> None:
    assert without_strangers(_cloud(), LIST) == _cloud()
