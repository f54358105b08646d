"""Two environments share an AWS account or the same network range.

One role too wide, one route too many, and dev reaches production.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF012",
    slug="cloud_shared",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="cloud shared between environments",
    fix="give each environment an AWS account and a network range of its own",
    reads=("infrastructure.account_id", "infrastructure.network.cidr"),
    source="paper 05 (one account per environment), least privilege",
)
VALID = (Sample(says="one environment"),)
INVALID = (Sample(says="one account for two", others={"staging": {}}),)


def judge(fleet: Fleet) -> Iterator[Hit]:
    for path in (("infrastructure", "account_id"), ("infrastructure", "network", "cidr")):
        seen: dict[object, str] = {}
        for name, value in fleet.each(path):
            if value in seen:
                other = (Also(path, f"also in {seen[value]}", seen[value]),)
                message = f"`{name}` and `{seen[value]}` share {value}"
                yield Hit(path, message, environment=name, related=other)
            seen.setdefault(value, name)
