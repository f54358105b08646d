"""The calendar lists no dated freeze that is still to come.

A calendar nobody continues freezes nothing from its last line on.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from config.models.catalogue import Freeze
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="CAL006",
    slug="event_weeks_run_out",
    severity=Severity.WARNING,
    scope=Scope.FLEET,
    title="event weeks run out",
    fix="list the weeks of FOMC meetings and other events of the coming year",
    reads=("catalogue.calendar.freezes",),
    source="seed 002 (week of major economic events), issue 4 (instant outside the calendar's range)",
)
_DATED = (Freeze(first="2026-12-07", last="2026-12-11", reason="FOMC"),)
VALID = (Sample(says="more to come", catalogue={"catalogue.calendar.freezes": _DATED}),)
INVALID = (Sample(says="yearly freezes only"),)


def judge(fleet: Fleet) -> Iterator[Hit]:
    today = fleet.as_of.date().isoformat()
    dated = [one.last for one in fleet.catalogue.calendar.freezes if len(one.last) == 10]
    if not any(last >= today for last in dated):
        end = max(dated, default="(none)")
        message = f"the last event week ends on {end}; none is listed after {today}"
        yield Hit(("catalogue", "calendar", "freezes"), message)
