"""A loosening change is made at a time when nobody watches it.

A check can be green at 13:59 and merged at 23:00, so this warns here and decides in reconcile.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from config.findings import Severity
from policies.inputs import CATALOGUE, Change, Hit
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope
from policies.window import why_closed

META = Meta(
    id="CAL001",
    slug="loosening_outside_window",
    severity=Severity.WARNING,
    scope=Scope.CHANGE,
    title="loosening outside the window",
    fix="reconcile holds the loosening part until the window opens; the tightening part goes out at once",
    reads=(
        "*",
        "catalogue.alerts",
        "catalogue.calendar",
        "catalogue.flags",
        "catalogue.instruments",
        "catalogue.rollouts",
        "catalogue.venues",
    ),
    source="seed 002 (weekdays 10-14, no Friday afternoon, event weeks, 20 December to 2 January), paper 02 2 (Time)",
)
_SUNDAY = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
_HOLIDAY = datetime(2026, 12, 22, 13, 0, tzinfo=UTC)
VALID = (
    Sample(says="a Tuesday before noon", edits={"limits.max_open_positions": 7}, before={}),
    Sample(says="tightening on a Sunday", edits={"limits.max_open_positions": 1}, before={}, as_of=_SUNDAY),
)
INVALID = (
    Sample(says="loosening on a Sunday", edits={"limits.max_open_positions": 7}, before={}, as_of=_SUNDAY),
    Sample(says="in the holidays", edits={"limits.max_open_positions": 7}, before={}, as_of=_HOLIDAY),
    Sample(
        says="a calendar that opens itself",
        edits={"limits.max_open_positions": 7},
        before={},
        catalogue={"catalogue.calendar.freezes": ()},
        as_of=_HOLIDAY,
    ),
    Sample(
        says="a ceiling raised on a Sunday",
        before={},
        catalogue={"catalogue.flags.flags.mode_switching_enabled.ceiling.production": "on"},
        catalogue_before={"catalogue.flags.flags.mode_switching_enabled.ceiling.production": "off"},
        as_of=_SUNDAY,
    ),
)


def judge(change: Change) -> Iterator[Hit]:
    closed = _why_closed(change)
    for key in change.keys if closed else ():
        if key.direction == "loosen":
            name = dotted(key.path[1:] if key.path[0] == CATALOGUE else key.path)
            yield Hit(key.path, f"`{name}` loosens while {closed}")


def _why_closed(change: Change) -> str:
    """By the calendar before the change as well: a change that opens the calendar does not open it for itself."""
    sides = (change.before, change.after)
    catalogues = [change.was, change.now, *(side.catalogue for side in sides if side is not None)]
    calendars = [one.calendar for one in catalogues if one is not None]
    binding = [one for one in calendars if change.name == CATALOGUE or change.tier in one.tiers]
    local = change.as_of.astimezone(change.zone)
    return next(filter(None, (why_closed(one, local) for one in binding)), "")
