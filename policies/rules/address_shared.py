"""Two environments answer at the same address.

People would press a button of one and mean the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF002",
    slug="address_shared",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="address shared between environments",
    fix="give each environment an address of its own",
    reads=("url",),
    source="seed 000 1.1 (one URL per environment)",
)
VALID = (Sample(says="one each", others={"staging": {}}),)
INVALID = (
    Sample(
        says="staging answers for production", others={"staging": {"url": "https://production.example.com"}}
    ),
)


def judge(fleet: Fleet) -> Iterator[Hit]:
    seen: dict[object, str] = {}
    for name, url in fleet.each(("url",)):
        if url in seen:
            other = (Also(("url",), f"also in {seen[url]}", seen[url]),)
            message = f"`{name}` and `{seen[url]}` share the address {url}"
            yield Hit(("url",), message, environment=name, related=other)
        seen.setdefault(url, name)
