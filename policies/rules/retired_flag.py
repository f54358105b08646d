"""A retired flag is used again.

Code that still reads the old name wakes up with the old meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from config.models.environment import FlagState
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG002",
    slug="retired_flag",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="retired flag",
    fix="take a new name; a retired one never comes back",
    reads=("flags", "catalogue.flags.retired", "catalogue.flags.flags"),
    source="SEC 34-70694 para 13 (Knight Capital: a re-used flag woke dead code), paper 03 5.8",
)
VALID = (Sample(says="retired names stay unused"),)
INVALID = (
    Sample(
        says="back from the grave",
        edits={"flags.power_peg_enabled": FlagState(enabled=False, accounts=(), percent=Decimal(0))},
    ),
)


def judge(state: State) -> Iterator[Hit]:
    for key, tombstone in state.catalogue.flags.retired.items():
        grave = (Also(("catalogue", "flags", "retired", key), f"retired {tombstone.since}"),)
        if key in state.environment.flags:
            yield Hit(("flags", key), f"flag `{key}` was retired on {tombstone.since}", related=grave)
        if key in state.catalogue.flags.flags:
            place = ("catalogue", "flags", "flags", key)
            yield Hit(place, f"flag `{key}` was retired on {tombstone.since}", related=grave)
