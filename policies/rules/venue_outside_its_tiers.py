"""The wired venue is not allowed in this tier.

venues.yaml says who may wire what, so that a copied line does not carry production's broker into another tier.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN011",
    slug="venue_outside_its_tiers",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="venue outside its tiers",
    fix="wire a venue whose `tiers` list this tier",
    reads=("venue.name", "catalogue.venues.venues.*.tiers"),
    source="seed 002 (a broker account per environment), paper 02 5",
)
VALID = (Sample(says="paper everywhere"),)
INVALID = (Sample(says="the sandbox in production", edits={"venue.name": "broker-sandbox"}),)


def judge(state: State) -> Iterator[Hit]:
    venue, name = state.venue, state.environment.venue.name
    if venue is not None and state.tier not in venue.tiers:
        yield Hit(
            ("venue", "name"),
            f"venue `{name}` may not be wired in tier `{state.tier}`",
            related=(Also(("catalogue", "venues", "venues", name, "tiers"), "tiers that may"),),
        )
