"""When loosening is allowed: New York's clock on both days it changes, Fridays, weekends, freezes, the new year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ci.delivery import hold
from config.desired import DesiredState
from config.models.catalogue import Calendar
from policies.window import why_closed

NEW_YORK = ZoneInfo("America/New_York")


def closed(calendar: Calendar, instant: str) -> str:
    return why_closed(calendar, datetime.fromisoformat(instant).astimezone(NEW_YORK))


@pytest.fixture
def calendar(tree: DesiredState) -> Calendar:
    return tree.catalogue.calendar


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        # winter time: 10:00 New York is 15:00 UTC
        ("2026-11-17T14:59:59+00:00", False),
        ("2026-11-17T15:00:00+00:00", True),
        ("2026-11-17T18:59:59+00:00", True),
        ("2026-11-17T19:00:00+00:00", False),
        # summer time: 10:00 New York is 14:00 UTC
        ("2026-07-14T13:59:00+00:00", False),
        ("2026-07-14T14:00:00+00:00", True),
        ("2026-07-14T17:59:00+00:00", True),
        ("2026-07-14T18:00:00+00:00", False),
        # the Friday before and the Monday after the clocks go forward (8 March 2026)
        ("2026-03-06T15:00:00+00:00", True),
        ("2026-03-06T14:30:00+00:00", False),
        ("2026-03-09T14:00:00+00:00", True),
        ("2026-03-09T18:30:00+00:00", False),
        # the Friday before and the Monday after the clocks go back (1 November 2026)
        ("2026-10-30T14:00:00+00:00", True),
        ("2026-11-02T14:30:00+00:00", False),
        ("2026-11-02T15:00:00+00:00", True),
        # the days of the change themselves are Sundays
        ("2026-03-08T15:00:00+00:00", False),
        ("2026-11-01T15:00:00+00:00", False),
        # Friday ends at 14:00
        ("2026-11-20T18:59:00+00:00", True),
        ("2026-11-20T19:00:00+00:00", False),
    ],
)
def test_the_window_follows_the_exchange(calendar: Calendar, instant: str, is_open: bool) -> None:
    assert (closed(calendar, instant) == "") is is_open


@pytest.mark.parametrize("day", ["2026-12-20", "2026-12-24", "2026-12-31", "2027-01-01", "2027-01-02"])
def test_holidays_are_frozen_across_the_year(calendar: Calendar, day: str) -> None:
    assert closed(calendar, f"{day}T16:00:00+00:00") == f"{day} is frozen: holidays, low liquidity"


def test_the_days_around_the_holidays_are_not(calendar: Calendar) -> None:
    assert closed(calendar, "2026-12-18T16:00:00+00:00") == ""
    assert closed(calendar, "2027-01-04T16:00:00+00:00") == ""


def test_an_event_week_is_frozen_in_its_year_only(calendar: Calendar) -> None:
    assert "FOMC" in closed(calendar, "2026-12-09T16:00:00+00:00")
    assert closed(calendar, "2027-12-09T16:00:00+00:00") == ""


def test_reconcile_and_check_read_the_calendar_alike(calendar: Calendar) -> None:
    """Every half hour of two years, both changes of the clock among them."""
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    while instant.date() < date(2028, 1, 1):
        is_open = why_closed(calendar, instant.astimezone(NEW_YORK)) == ""
        assert (hold.opens_at(calendar, "production", instant) is None) is is_open, instant
        instant += timedelta(minutes=30 * 7)
