"""The wired venue is not in venues.yaml.

What a venue is (its host, whose money it moves) stands in one place; a name without an entry is anybody's host.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN010",
    slug="unknown_venue",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="unknown venue",
    fix="use a venue of venues.yaml, or add it there first",
    reads=("venue.name", "catalogue.venues.venues"),
    source="paper 00 1.5 (unknown means safe)",
)
VALID = (Sample(says="a known venue"),)
INVALID = (Sample(says="a misspelt venue", edits={"venue.name": "papre"}),)


def judge(state: State) -> Iterator[Hit]:
    name = state.environment.venue.name
    if state.venue is None:
        known = ", ".join(f"`{one}`" for one in state.catalogue.venues.venues)
        yield Hit(("venue", "name"), f"venue `{name}` is not in venues.yaml", help=f"one of {known}")
