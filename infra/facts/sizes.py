"""Families of servers that exist, so that a misspelt size is refused before AWS is asked.

Source: the families named in the user guides "DB instance classes", "Supported node types" and "Amazon EC2 instance
types"; a family that is newer than this table is added here, on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_SIZES = r"(nano|micro|small|medium|large|xlarge|[1-9][0-9]?xlarge|metal)"
FAMILIES = {
    "aws:rds/instance:Instance": (
        "instanceClass",
        rf"db\.(t3|t4g|m5|m6g|m6i|m7g|m7i|m8g|r5|r6g|r6i|r7g|r7i|r8g)\.{_SIZES}",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "nodeType",
        rf"cache\.(t3|t4g|m5|m6g|m7g|r5|r6g|r6gd|r7g)\.{_SIZES}",
    ),
    "aws:ec2/instance:Instance": (
        "instanceType",
        rf"(t3|t3a|t4g|m5|m6a|m6g|m6i|m7a|m7g|m7i|m8g|c5|c6g|c6i|c7g|c7i|c8g|r6g|r6i|r7g|r7i)\.{_SIZES}",
    ),
}


def unknown_size(type_: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Why a size is refused, as (property, reason)."""
    if type_ not in FAMILIES:
        return
    key, pattern = FAMILIES[type_]
    size = inputs.get(key)
    if isinstance(size, str) and not re.fullmatch(pattern, size):
        yield key, f"`{size}` is no size this tool knows (infra/facts/sizes.py)"
