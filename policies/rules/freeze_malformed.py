"""A freeze names a day that does not exist, ends before it begins, or mixes a date with a yearly day.

Such a freeze freezes nothing, or everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from config.findings import Severity
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="CAL004",
    slug="freeze_malformed",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="freeze malformed",
    fix="two days of the same form that exist, the first not after the last",
    reads=("catalogue.calendar.freezes",),
    source="paper 02 5 (calendar)",
)
VALID = (Sample(says="yearly"),)
INVALID = (
    Sample(says="no such day", catalogue={"catalogue.calendar.freezes.0.first": "12-32"}),
    Sample(says="two forms", catalogue={"catalogue.calendar.freezes.0.last": "2027-01-02"}),
)


def judge(fleet: Fleet) -> Iterator[Hit]:
    for at, one in enumerate(fleet.catalogue.calendar.freezes):
        place = ("catalogue", "calendar", "freezes", at)
        for key in ("first", "last"):
            if not _exists(getattr(one, key)):
                yield Hit((*place, key), f"{getattr(one, key)} is no day of the calendar")
        if len(one.first) != len(one.last):
            yield Hit((*place, "last"), f"{one.first} and {one.last} are not of the same form")
        elif len(one.first) == 10 and one.last < one.first:
            yield Hit((*place, "last"), f"the freeze ends on {one.last}, before it begins on {one.first}")


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text if len(text) == 10 else f"2028-{text}")  # a leap year knows 02-29
    except ValueError:
        return False
    return True
