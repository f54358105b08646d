"""A venue outside this process is wired in tier dev.

Whatever venues.yaml allows, an engineer's machine speaks to no broker's host with real money.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN003",
    slug="live_venue_in_dev",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=("dev",),
    title="broker in dev",
    fix="wire the paper venue in tier dev",
    reads=("venue.name", "catalogue.venues.venues.*.kind"),
    source="seed 002 (Development: dry-run, no orders submitted), seed 000 5.1 (no live API calls)",
)
VALID = (Sample(says="the paper venue", tier="dev"),)
INVALID = (Sample(says="the live venue", tier="dev", edits={"venue.name": "broker-live"}),)


def judge(state: State) -> Iterator[Hit]:
    venue, name = state.venue, state.environment.venue.name
    if venue is not None and venue.kind == "live":
        yield Hit(
            ("venue", "name"),
            f"`{name}` moves real money and is wired in tier `dev`",
            related=(Also(("catalogue", "venues", "venues", name, "kind"), "the venue is live"),),
        )
