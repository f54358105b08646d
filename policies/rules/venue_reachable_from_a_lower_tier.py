"""venues.yaml itself would let a lower tier wire a broker.

The list of tiers is what VEN011 trusts, so the list is bounded too.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN021",
    slug="venue_reachable_from_a_lower_tier",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="live venue open to a lower tier",
    fix="list only production in `tiers` of a live venue, and never dev in those of a sandbox",
    reads=(
        "catalogue.venues.venues.*.tiers",
        "catalogue.venues.venues.*.kind",
        "catalogue.venues.venues.*.host",
    ),
    source="paper 02 5, seed 002 (separate accounts)",
)
VALID = (Sample(says="each to its tier"),)
INVALID = (
    Sample(
        says="live in dev", catalogue={"catalogue.venues.venues.broker-live.tiers": ("production", "dev")}
    ),
    Sample(says="paper with a host", catalogue={"catalogue.venues.venues.paper.host": "api.example.com"}),
)


_ALLOWED = {"paper": ("dev", "staging", "production"), "sandbox": ("staging",), "live": ("production",)}


def judge(fleet: Fleet) -> Iterator[Hit]:
    for name, venue in fleet.catalogue.venues.venues.items():
        place = ("catalogue", "venues", "venues", name)
        for tier in venue.tiers:
            if tier not in _ALLOWED[venue.kind]:
                yield Hit((*place, "tiers"), f"venue `{name}` is {venue.kind} and open to tier `{tier}`")
        if (venue.host is None) != (venue.kind == "paper"):
            yield Hit((*place, "host"), f"venue `{name}` is {venue.kind}; only the paper venue has no host")
