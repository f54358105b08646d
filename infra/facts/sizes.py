"""Which sizes a planned resource may name; they stand in policies/aws_sizes.py, for the rules as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.aws_sizes import CACHE, DATABASE, MACHINE

FAMILIES = {
    "aws:rds/instance:Instance": ("instanceClass", DATABASE),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("nodeType", CACHE),
    "aws:ec2/instance:Instance": ("instanceType", MACHINE),
}


def unknown_size(type_: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Why a size is refused, as (property, reason)."""
    if type_ not in FAMILIES:
        return
    key, known = FAMILIES[type_]
    size = inputs.get(key)
    if isinstance(size, str) and size not in known:
        yield key, f"`{size}` is no size this tool knows (policies/aws_sizes.py)"
