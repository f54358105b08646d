"""When the calendar is open for loosening: the one answer that check, reconcile and the rules share.

Pure: the local time comes in as an argument, with the exchange's zone already in it.
"""

from __future__ import annotations

from datetime import datetime

from config.models.catalogue import Calendar

_SATURDAY, _FRIDAY = 5, 4
_YEARLY = 5
"""Length of `12-20`; a dated day is longer."""


def why_closed(calendar: Calendar, local: datetime) -> str:
    """Empty while loosening is allowed, else the reason in words."""
    day, clock = local.date().isoformat(), local.strftime("%H:%M")
    for freeze in calendar.freezes:
        if _covers(freeze.first, freeze.last, day[-_YEARLY:] if len(freeze.first) == _YEARLY else day):
            return f"{day} is frozen: {freeze.reason}"
    if local.weekday() >= _SATURDAY:
        return f"{day} is a weekend"
    closes = min(calendar.closes, calendar.friday_closes) if local.weekday() == _FRIDAY else calendar.closes
    if not calendar.opens <= clock < closes:
        return f"{clock} in {calendar.zone} is outside {calendar.opens} to {closes}"
    return ""


def _covers(first: str, last: str, day: str) -> bool:
    return first <= day <= last if first <= last else day >= first or day <= last
