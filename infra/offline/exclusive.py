"""A group's whole list of rules: what the cloud holds is found, and what is not listed is taken out.

The engine compares inputs only, and a rule added by hand is nobody's input but this list's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

EXCLUSIVE = "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive"
_SIDES = {
    "ingressRuleIds": ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "ingress"),
    "egressRuleIds": ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "egress"),
}

Resources = Mapping[str, Mapping[str, Any]]


def held_rules(resources: Resources, properties: Mapping[str, Any]) -> dict[str, list[str]]:
    """The rules of the group now: those that are listed in the list's order, then strangers."""
    found = {}
    for side in _SIDES:
        held = list(_rules(resources, str(properties["securityGroupId"]), side))
        listed = [one for one in properties.get(side) or () if one in held]
        found[side] = [*listed, *sorted(set(held) - set(listed))]
    return found


def without_strangers(resources: Resources, properties: Mapping[str, Any]) -> dict[str, Any]:
    """All resources after AWS took out of the group what the list does not name."""
    group = str(properties["securityGroupId"])
    strangers = {
        one
        for side in _SIDES
        for one in _rules(resources, group, side)
        if one not in (properties.get(side) or ())
    }
    kept = {key: held for key, held in resources.items() if key not in strangers}
    if group in kept:
        written = {inline for _, inline in _SIDES.values()}
        inner = {key: value for key, value in kept[group]["properties"].items() if key not in written}
        kept[group] = {**kept[group], "properties": inner}
    return kept


def _rules(resources: Resources, group: str, side: str) -> Iterator[str]:
    """Rules that are resources of their own, and those somebody wrote into the group itself."""
    type_, inline = _SIDES[side]
    for key, held in resources.items():
        if held["type"] == type_ and held["properties"].get("securityGroupId") == group:
            yield key
    for rule in resources.get(group, {}).get("properties", {}).get(inline) or ():
        yield "sgr-" + hashlib.sha256(json.dumps(rule, sort_keys=True).encode()).hexdigest()[:17]
