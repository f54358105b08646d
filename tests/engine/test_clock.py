"""Instants as text and back: exact, for every microsecond a calendar has, and nothing else is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import micros, parse_stamp, stamp

INSTANTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999))


@given(INSTANTS)
def test_a_stamp_is_the_iso_text_of_its_instant(found: datetime) -> None:
    at = micros(found.replace(tzinfo=UTC))
    assert stamp(at) == f"{found.isoformat()}Z"
    assert parse_stamp(stamp(at)) == at


@given(INSTANTS, st.integers(1, 6))
def test_fewer_decimals_are_tenths_not_units(found: datetime, places: int) -> None:
    whole = found.replace(microsecond=0)
    text = f"{whole.isoformat()}.{'5'.ljust(places, '0')}Z"
    assert parse_stamp(text) == micros((whole + timedelta(milliseconds=500)).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2024-02-30T00:00:00Z", "day is out of range for month"),
        ("2023-02-29T00:00:00Z", "day is out of range for month"),
        ("2024-13-01T00:00:00Z", "month must be in 1..12"),
        ("0000-01-01T00:00:00Z", "year 0 is out of range"),
        ("2024-01-01T24:00:00Z", "hour must be in 0..23"),
        ("2024-01-01T23:60:00Z", "minute must be in 0..59"),
        ("2016-12-31T23:59:60Z", "second must be in 0..59"),
        ("2024-01-01T00:00:00", "not an RFC 3339 instant with Z: '2024-01-01T00:00:00'"),
        ("2024-01-01T00:00:00.Z", "not an RFC 3339 instant with Z: '2024-01-01T00:00:00.Z'"),
        ("2024-01-01T00:00:00.1234567Z", "not an RFC 3339 instant with Z: '2024-01-01T00:00:00.1234567Z'"),
        ("2024-01-01T00:00:00+00:00", "not an RFC 3339 instant with Z: '2024-01-01T00:00:00+00:00'"),
        ("２024-01-01T00:00:00Z", "not an RFC 3339 instant with Z: '２024-01-01T00:00:00Z'"),
    ],
)
def test_what_no_calendar_has_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(why)}"):
        parse_stamp(text)
