"""A loosening change is made at a time when nobody watches it.

A check can be green at 13:59 and merged at 23:00, so this warns here and decides in reconcile.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from config.findings import Severity
from policies.inputs import Change, Hit
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
    reads=("*", "catalogue.calendar"),
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
)


def judge(change: Change) -> Iterator[Hit]:
    state = change.after
    if state is None or change.tier not in state.catalogue.calendar.tiers:
        return
    closed = why_closed(state.catalogue.calendar, change.as_of.astimezone(change.zone))
    for key in change.keys if closed else ():
        if key.direction == "loosen":
            yield Hit(key.path, f"`{dotted(key.path)}` loosens while {closed}")
