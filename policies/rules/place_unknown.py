"""Zones are too few, do not exist or lie in different regions, or the certificate is another region's.

A load balancer takes certificates of its own region only, and subnets cannot leave the region of their network.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.aws_places import REGIONS, ZONES
from policies.aws_sizes import nearest
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF018",
    slug="place_unknown",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="zones that do not fit",
    fix="two zones (production: three) of one region, as policies/aws_places.py lists them; a certificate of it",
    reads=("infrastructure.network.availability_zones", "infrastructure.host.certificate"),
    source="issue 5 (missing zone), EC2 user guide (regions and zones), paper 02 5 (multi-AZ in production)",
)
VALID = (
    Sample(says="the last letters", edits={"infrastructure.network.availability_zones": (
        "us-east-1d", "us-east-1e", "us-east-1f")}),
)  # fmt: skip
INVALID = (
    Sample(says="one zone", edits={"infrastructure.network.availability_zones": ("us-east-1a",)}),
    Sample(says="one zone twice", edits={"infrastructure.network.availability_zones": (
        "us-east-1a", "us-east-1b", "us-east-1b")}),
    Sample(says="a zone too far", edits={"infrastructure.network.availability_zones": (
        "us-east-1a", "us-east-1b", "us-east-1g")}),
    Sample(says="no such region", edits={"infrastructure.network.availability_zones": (
        "us-easy-1a", "us-easy-1b", "us-easy-1c")}),
    Sample(says="two regions", edits={"infrastructure.network.availability_zones": (
        "us-east-1a", "us-east-1b", "us-east-2c")}),
    Sample(says="a certificate from elsewhere", edits={"infrastructure.host.certificate": (
        "arn:aws:acm:eu-west-1:111111111111:certificate/00000000-0000-4000-8000-000000000000")}),
)  # fmt: skip


_LEAST = {"dev": 2, "staging": 2, "production": 3}
_PLACE = ("infrastructure", "network", "availability_zones")


def judge(state: State) -> Iterator[Hit]:
    facts = state.environment.infrastructure
    zones = facts.network.availability_zones
    if len(set(zones)) < _LEAST[state.tier] or len(set(zones)) != len(zones):
        message = f"{len(set(zones))} different zones, tier `{state.tier}` needs {_LEAST[state.tier]}"
        yield Hit(_PLACE, message)
    yield from _of_zones(zones, explains=state.focus is None)
    certificate = facts.host.certificate
    region = certificate.split(":")[3] if certificate is not None else ""
    if certificate is not None and zones and region != zones[0][:-1]:
        first = (Also((*_PLACE, 0), f"lies in {zones[0][:-1]}"),)
        message = f"the certificate belongs to region `{region}`, the network to `{zones[0][:-1]}`"
        yield Hit(("infrastructure", "host", "certificate"), message, related=first)


def _of_zones(zones: tuple[str, ...], *, explains: bool) -> Iterator[Hit]:
    """explains: say what was meant, perhaps; nobody reads that of a mutant."""
    for at, zone in enumerate(zones):
        if zone not in ZONES:
            known = ZONES if zone[:-1] in REGIONS else REGIONS
            like = nearest(zone if zone[:-1] in REGIONS else zone[:-1], known) if explains else ""
            what = "zone" if zone[:-1] in REGIONS else "region"
            yield Hit((*_PLACE, at), f"there is no {what} `{zone if what == 'zone' else zone[:-1]}`",
                      f"did you mean `{like}`?" if like else "")  # fmt: skip
        elif zone[:-1] != zones[0][:-1] and zones[0] in ZONES:
            first = (Also((*_PLACE, 0), f"lies in {zones[0][:-1]}"),)
            yield Hit((*_PLACE, at), f"`{zone}` lies in another region than `{zones[0]}`", related=first)
