"""Subnets and zones do not fit each other or the network.

The program pairs them by position; a missing one would leave a zone without data or without a way out.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF011",
    slug="network_malformed",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="network malformed",
    fix="one public and one private subnet per zone, two zones at least (production: three), all inside the network",
    reads=("infrastructure.network",),
    source="paper 05 (the subnet at a position belongs to the zone there), paper 02 5 (multi-AZ in production)",
)
VALID = (Sample(says="three of each"),)
INVALID = (
    Sample(says="one zone", edits={"infrastructure.network.availability_zones": ("us-east-1a",)}),
    Sample(
        says="a subnet elsewhere",
        edits={"infrastructure.network.public_subnets": ("10.9.0.0/24", "10.9.1.0/24", "10.8.2.0/24")},
    ),
    Sample(
        says="overlapping",
        edits={"infrastructure.network.private_subnets": ("10.9.0.0/24", "10.9.17.0/24", "10.9.18.0/24")},
    ),
)


_ZONES = {"dev": 2, "staging": 2, "production": 3}


def judge(state: State) -> Iterator[Hit]:
    network, place = state.environment.infrastructure.network, ("infrastructure", "network")
    zones = network.availability_zones
    if len(set(zones)) < _ZONES[state.tier] or len(set(zones)) != len(zones):
        message = f"{len(set(zones))} different zones, tier `{state.tier}` needs {_ZONES[state.tier]}"
        yield Hit((*place, "availability_zones"), message)
    whole, taken = _range(network.cidr), list[tuple[int, int]]()
    if whole is None:
        yield Hit((*place, "cidr"), f"{network.cidr} is no network")
    for key in ("public_subnets", "private_subnets"):
        subnets = getattr(network, key)
        if len(subnets) != len(zones):
            yield Hit((*place, key), f"{len(subnets)} subnets for {len(zones)} zones")
        for subnet in subnets:
            part = _range(subnet)
            if part is None or whole is None or not (whole[0] <= part[0] and part[1] <= whole[1]):
                yield Hit((*place, key), f"{subnet} is not inside {network.cidr}")
            elif any(part[0] <= last and first <= part[1] for first, last in taken):
                yield Hit((*place, key), f"{subnet} overlaps another subnet")
            else:
                taken.append(part)


def _range(text: str) -> tuple[int, int] | None:
    """First and last address; None when it is no network."""
    address, _, bits = text.partition("/")
    parts = [int(part) for part in address.split(".")]
    size = 1 << (32 - int(bits)) if 0 <= int(bits) <= 32 else 0
    first = sum(part << shift for part, shift in zip(parts, (24, 16, 8, 0), strict=False))
    is_network = size > 0 and len(parts) == 4 and max(parts) <= 255 and first % size == 0
    return (first, first + size - 1) if is_network else None
