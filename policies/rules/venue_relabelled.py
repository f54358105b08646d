"""A known venue becomes another kind, or a known name leads to another host.

Every venue rule trusts `kind`; calling a live host a sandbox would open it to staging in one line.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Also, Change, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN020",
    slug="venue_relabelled",
    severity=Severity.ERROR,
    scope=Scope.CHANGE,
    title="venue relabelled",
    fix="add a new venue; what a host is does not change",
    reads=("catalogue.venues.venues.*.kind", "catalogue.venues.venues.*.host"),
    source="paper 06 A8 (exceptions widen), paper 00 1.1",
)
VALID = (Sample(says="the same venues", catalogue_before={}),)
INVALID = (
    Sample(
        says="the live host becomes a sandbox",
        catalogue={"catalogue.venues.venues.broker-live.kind": "sandbox"},
        catalogue_before={},
    ),
)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("catalogue", "venues", "venues", "*"):
        if key.path[4] in ("kind", "host") and MISSING not in (key.before, key.after):
            was = Also(key.path, f"was {key.before}", base=True)
            message = f"`{key.path[4]}` of venue `{key.path[3]}` changes from {key.before} to {key.after}"
            yield Hit(key.path, message, related=(was,))
