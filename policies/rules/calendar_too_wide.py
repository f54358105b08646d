"""calendar.yaml itself opens longer than the seeds allow, binds too few tiers, or names another zone.

A fixed offset is wrong for half of the year; the window follows the exchange's clock.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="CAL002",
    slug="calendar_too_wide",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="calendar too wide",
    fix="10:00 to 14:00 at most, Fridays no later than 14:00, in America/New_York, for staging and production",
    reads=(
        "catalogue.calendar.opens",
        "catalogue.calendar.closes",
        "catalogue.calendar.friday_closes",
        "catalogue.calendar.tiers",
        "catalogue.calendar.zone",
    ),
    source="seed 002 (Deployment Schedule), paper 06 S12 (IANA zone, not EST)",
)
VALID = (
    Sample(says="as the seed says"),
    Sample(says="a shorter Friday", catalogue={"catalogue.calendar.friday_closes": "12:00"}),
)
INVALID = (
    Sample(says="until evening", catalogue={"catalogue.calendar.closes": "18:00"}),
    Sample(says="never opens", catalogue={"catalogue.calendar.closes": "09:00"}),
    Sample(says="production free", catalogue={"catalogue.calendar.tiers": ("staging",)}),
    Sample(says="another zone", catalogue={"catalogue.calendar.zone": "Etc/GMT"}),
)


_ZONE = "America/New_York"


def judge(fleet: Fleet) -> Iterator[Hit]:
    calendar, place = fleet.catalogue.calendar, ("catalogue", "calendar")
    if calendar.zone != _ZONE:
        yield Hit((*place, "zone"), f"zone `{calendar.zone}` is not the exchange's, {_ZONE}")
    if calendar.opens < "10:00":
        yield Hit((*place, "opens"), f"the window opens at {calendar.opens}, before 10:00")
    for key in ("closes", "friday_closes"):
        closes = getattr(calendar, key)
        if closes > "14:00":
            yield Hit((*place, key), f"the window closes at {closes}, after 14:00")
        if closes <= calendar.opens:
            yield Hit((*place, key), f"the window closes at {closes}, before it opens")
    for tier in ("staging", "production"):
        if tier not in calendar.tiers:
            yield Hit((*place, "tiers"), f"the calendar does not bind tier `{tier}`")
