"""Loosening waits for the window; both daylight-saving days included."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ci.delivery.hold import opens_at, reason
from config.models.catalogue import Calendar, Freeze

CALENDAR = Calendar(
    schema=1,
    zone="America/New_York",
    opens="10:00",
    closes="14:00",
    friday_closes="13:00",
    tiers=("staging", "production"),
    freezes=(
        Freeze(first="12-20", last="01-02", reason="holidays"),
        Freeze(first="2026-12-07", last="2026-12-11", reason="a meeting"),
    ),
    exchanges={},
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("as_of", "opens"),
    [
        ("2026-11-18T14:59:59", "2026-11-18T15:00"),  # Wednesday, a second before 10:00 New York (EST)
        ("2026-11-18T15:00:00", None),
        ("2026-11-18T18:59:59", None),
        ("2026-11-18T19:00:00", "2026-11-19T15:00"),
        ("2026-11-20T17:59:59", None),  # Friday closes earlier
        ("2026-11-20T18:00:00", "2026-11-23T15:00"),
        ("2026-11-21T16:00:00", "2026-11-23T15:00"),  # Saturday
        ("2026-03-06T18:00:00", "2026-03-09T14:00"),  # over the spring change: 10:00 is 14:00 UTC from then
        ("2026-10-30T17:00:00", "2026-11-02T15:00"),  # over the autumn change: 15:00 UTC again
        ("2026-12-04T18:00:00", "2026-12-14T15:00"),  # a dated freeze, its last day included
        ("2026-12-19T16:00:00", "2027-01-04T15:00"),  # a yearly freeze over New Year
        ("2027-01-02T16:00:00", "2027-01-04T15:00"),
    ],
)
def test_window_opens_in_the_calendars_zone(as_of: str, opens: str | None) -> None:
    assert opens_at(CALENDAR, "production", at(as_of)) == (at(opens) if opens else None)


def test_tier_outside_the_calendar_never_waits() -> None:
    assert opens_at(CALENDAR, "dev", at("2026-12-25T03:00")) is None


def test_calendar_that_never_opens_still_answers() -> None:
    frozen = replace(CALENDAR, freezes=(Freeze(first="01-01", last="12-31", reason="for good"),))
    assert opens_at(frozen, "production", at("2026-11-18T12:00")) == at("2027-01-17T15:00")


def test_reason_speaks_the_calendars_zone() -> None:
    assert reason(CALENDAR, at("2026-11-23T15:00")) == "held until Mon 2026-11-23 10:00 America/New_York"
