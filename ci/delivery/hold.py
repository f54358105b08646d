"""When loosening is allowed: the calendar file, read at an instant; tightening never asks.

Never reads a clock, and knows daylight saving only through the calendar's own zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.models.catalogue import Calendar, Freeze

_FRIDAY = 4
_DAYS_AHEAD = 60


def opens_at(calendar: Calendar, tier: str, as_of: datetime) -> datetime | None:
    """None when loosening is allowed at `as_of`, else the next instant (UTC) it is; far ahead when never."""
    if tier not in calendar.tiers:
        return None
    zone = ZoneInfo(calendar.zone)
    today = as_of.astimezone(zone).date()
    for offset in range(_DAYS_AHEAD):
        window = _window(calendar, today + timedelta(days=offset), zone)
        if window is None or window[1] <= as_of:
            continue
        return None if window[0] <= as_of else window[0]
    return datetime.combine(
        today + timedelta(days=_DAYS_AHEAD), time.fromisoformat(calendar.opens), zone
    ).astimezone(UTC)


def reason(calendar: Calendar, until: datetime) -> str:
    """The sentence people read while the loosening part waits."""
    local = until.astimezone(ZoneInfo(calendar.zone))
    return f"held until {local:%a %Y-%m-%d %H:%M} {calendar.zone}"


def _window(calendar: Calendar, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    if day.weekday() > _FRIDAY or any(_is_frozen(freeze, day) for freeze in calendar.freezes):
        return None
    closes = calendar.friday_closes if day.weekday() == _FRIDAY else calendar.closes
    first, last = time.fromisoformat(calendar.opens), time.fromisoformat(closes)
    return tuple(datetime.combine(day, at, zone).astimezone(UTC) for at in (first, last))  # type: ignore[return-value]


def _is_frozen(freeze: Freeze, day: date) -> bool:
    text = day.isoformat()
    if len(freeze.first) == len(text):
        return freeze.first <= text <= freeze.last
    yearly = text[5:]
    if freeze.first <= freeze.last:
        return freeze.first <= yearly <= freeze.last
    return yearly >= freeze.first or yearly <= freeze.last
