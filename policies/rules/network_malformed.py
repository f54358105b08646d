"""Subnets do not fit the zones or the network.

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
    fix="one public and one private subnet per zone, none overlapping, all inside the network",
    reads=("infrastructure.network",),
    source="paper 05 (the subnet at a position belongs to the zone there), VPC user guide (sizes of networks)",
)
VALID = (Sample(says="three of each"),)
INVALID = (
    Sample(
        says="a zone without subnet",
        edits={
            "infrastructure.network.availability_zones": (
                "us-east-1a",
                "us-east-1b",
                "us-east-1c",
                "us-east-1d",
            )
        },
    ),
    Sample(
        says="a subnet elsewhere",
        edits={"infrastructure.network.public_subnets": ("10.9.0.0/24", "10.9.1.0/24", "10.8.2.0/24")},
    ),
    Sample(
        says="overlapping",
        edits={"infrastructure.network.private_subnets": ("10.9.0.0/24", "10.9.17.0/24", "10.9.18.0/24")},
    ),
    Sample(says="other people's addresses", edits={"infrastructure.network.cidr": "8.8.0.0/16"}),
    Sample(says="larger than AWS gives", edits={"infrastructure.network.cidr": "10.0.0.0/8"}),
    Sample(
        says="smaller than AWS gives",
        edits={"infrastructure.network.public_subnets": ("10.9.0.0/29", "10.9.1.0/24", "10.9.2.0/24")},
    ),
    Sample(says="not the first address", edits={"infrastructure.network.cidr": "10.9.0.1/16"}),
)


def judge(state: State) -> Iterator[Hit]:
    network, place = state.environment.infrastructure.network, ("infrastructure", "network")
    zones = network.availability_zones
    whole, taken = _range(network.cidr), list[tuple[int, int]]()
    if whole is None:
        yield Hit((*place, "cidr"), f"{network.cidr} is no network{_WHY}")
    elif not any(first <= whole[0] and whole[1] <= last for first, last in _PRIVATE):
        yield Hit((*place, "cidr"), f"{network.cidr} are addresses of other people")
    for key in ("public_subnets", "private_subnets"):
        subnets = getattr(network, key)
        if len(subnets) != len(zones):
            yield Hit((*place, key), f"{len(subnets)} subnets for {len(zones)} zones")
        for at, subnet in enumerate(subnets):
            part = _range(subnet)
            if part is None:
                yield Hit((*place, key, at), f"{subnet} is no network{_WHY}")
            elif whole is None or not (whole[0] <= part[0] and part[1] <= whole[1]):
                yield Hit((*place, key, at), f"{subnet} is not inside {network.cidr}")
            elif any(part[0] <= last and first <= part[1] for first, last in taken):
                yield Hit((*place, key, at), f"{subnet} overlaps another subnet")
            else:
                taken.append(part)


_LARGEST, _SMALLEST = 16, 28
_WHY = f": it must start at its own first address and have /{_LARGEST} to /{_SMALLEST}"


def _range(text: str) -> tuple[int, int] | None:
    """First and last address; None when AWS takes it for no network (VPC user guide: /16 to /28)."""
    address, _, bits = text.partition("/")
    parts = address.split(".")
    if not _LARGEST <= int(bits) <= _SMALLEST or any(str(int(part)) != part for part in parts):
        return None  # `010` is 10 to one program and 8 to another
    size = 1 << (32 - int(bits))
    first = sum(int(part) << shift for part, shift in zip(parts, (24, 16, 8, 0), strict=False))
    is_network = len(parts) == 4 and max(map(int, parts)) <= 255 and first % size == 0
    return (first, first + size - 1) if is_network else None


_PRIVATE = (
    (10 << 24, (11 << 24) - 1),
    ((172 << 24) + (16 << 16), (172 << 24) + (32 << 16) - 1),
    ((192 << 24) + (168 << 16), (192 << 24) + (169 << 16) - 1),
    ((100 << 24) + (64 << 16), (100 << 24) + (128 << 16) - 1),
)
"""RFC 1918, and RFC 6598 which AWS takes as well; first and last address of each."""
