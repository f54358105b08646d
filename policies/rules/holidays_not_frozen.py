"""A day between 20 December and 2 January is not frozen."""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="CAL003",
    slug="holidays_not_frozen",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="holidays not frozen",
    fix="keep a freeze from 12-20 to 01-02 of every year",
    reads=("catalogue.calendar.freezes",),
    source="seed 002 (December 20 - January 2: holidays, low liquidity)",
)
VALID = (Sample(says="frozen"),)
INVALID = (
    Sample(says="a freeze removed", catalogue={"catalogue.calendar.freezes.0": MISSING}),
    Sample(says="ends on Christmas", catalogue={"catalogue.calendar.freezes.0.last": "12-25"}),
)


_DAYS = (*(f"12-{day}" for day in range(20, 32)), "01-01", "01-02")


def judge(fleet: Fleet) -> Iterator[Hit]:
    yearly = [one for one in fleet.catalogue.calendar.freezes if len(one.first) == 5 and len(one.last) == 5]
    for day in _DAYS:
        if not any(_covers(one.first, one.last, day) for one in yearly):
            yield Hit(("catalogue", "calendar", "freezes"), f"{day} of every year is not frozen")
            return


def _covers(first: str, last: str, day: str) -> bool:
    return first <= day <= last if first <= last else day >= first or day <= last
