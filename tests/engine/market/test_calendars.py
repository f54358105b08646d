"""Sessions: half days, daylight saving, hours of our own, and the edge of what is recorded."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.findings import Refused
from config.models.catalogue import Catalogue
from config.models.hours import Exchange, Hours, SpecialDay
from config.reading import load
from config.tree import FolderTree
from engine.clock import DAY, SECOND, parse_stamp
from engine.market.calendars import (
    AlwaysOpen,
    CalendarError,
    Phase,
    SessionTable,
    calendar,
    calendars,
    span_of,
)

ROOT = Path(__file__).resolve().parents[3]
MINUTE = 60 * SECOND


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    desired = load(FolderTree(ROOT))
    assert not isinstance(desired, Refused)
    return desired.catalogue


def at(text: str) -> int:
    return parse_stamp(f"{text}Z" if text.count(":") == 2 else f"{text}:00Z")


def sessions(catalogue: Catalogue, name: str, first: str, last: str) -> dict[str, tuple[int, int]]:
    table = calendar(catalogue, name, first, last)
    assert isinstance(table, SessionTable)
    return {session.day: (session.opens, session.closes) for session in table.sessions}


def test_always_open_has_utc_days_and_no_end() -> None:
    always = AlwaysOpen()
    assert always.phase(at("2026-01-01T00:00")) is Phase.OPEN
    assert always.session_day(at("2026-01-01T23:59:59")) == "2026-01-01"
    session = always.session(at("2026-01-02T00:00"))
    assert (session.day, session.opens, session.closes - session.opens) == (
        "2026-01-02",
        at("2026-01-02T00:00"),
        DAY,
    )
    always.left(0)


def test_always_open_imports_no_library() -> None:
    program = (
        "import sys, engine.market.calendars as c; from types import SimpleNamespace as N; "
        "c.calendar(N(calendar=N(exchanges={})), '24/7', '2026-01-01', '2026-01-02'); "
        "assert not {'pandas', 'numpy', 'exchange_calendars'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30, cwd=ROOT)


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2024-11-29", "2024-11-29T14:30", "2024-11-29T18:00"),  # half day after Thanksgiving
        ("2025-03-07", "2025-03-07T14:30", "2025-03-07T21:00"),  # winter
        ("2025-03-10", "2025-03-10T13:30", "2025-03-10T20:00"),  # the clocks went forward
        ("2025-11-03", "2025-11-03T14:30", "2025-11-03T21:00"),  # and back
    ],
)
def test_new_york_keeps_half_days_and_daylight_saving(
    catalogue: Catalogue, day: str, opens: str, closes: str
) -> None:
    assert sessions(catalogue, "XNYS", "2024-11-01", "2025-11-30")[day] == (at(opens), at(closes))


def test_new_york_closes_for_mourning(catalogue: Catalogue) -> None:
    found = sessions(catalogue, "XNYS", "2025-01-01", "2025-01-31")
    assert "2025-01-09" not in found
    assert "2025-01-08" in found


def test_phase_changes_exactly_at_the_bell(catalogue: Catalogue) -> None:
    table = calendar(catalogue, "XNYS", "2026-11-02", "2026-11-30")
    opens, closes = at("2026-11-20T14:30"), at("2026-11-20T21:00")
    phases = [table.phase(instant) for instant in (opens - 1, opens, closes - 1, closes)]
    assert phases == [Phase.CLOSED, Phase.OPEN, Phase.OPEN, Phase.CLOSED]
    assert table.left(closes - 5 * MINUTE) == 5 * MINUTE
    assert table.left(closes) is None
    assert table.session(closes) is None


def test_an_instant_counts_for_the_session_last_opened(catalogue: Catalogue) -> None:
    table = calendar(catalogue, "XNYS", "2026-11-02", "2026-11-30")
    wanted = {
        "2026-11-20T14:30": "2026-11-20",
        "2026-11-20T21:00": "2026-11-20",
        "2026-11-23T14:29:59": "2026-11-20",
        "2026-11-23T14:30": "2026-11-23",
    }
    assert {instant: table.session_day(at(instant)) for instant in wanted} == wanted


def test_outside_the_record_nothing_is_known(catalogue: Catalogue) -> None:
    table = calendar(catalogue, "XNYS", "2026-11-02", "2026-11-30")
    for instant in ("2026-11-01T23:59:59", "2026-12-01T00:00", "2027-06-01T15:00", "1999-01-04T15:00"):
        assert table.phase(at(instant)) is Phase.UNKNOWN
        assert table.session_day(at(instant)) is None
        assert table.left(at(instant)) is None


def test_bombay_ends_where_the_library_ends(catalogue: Catalogue) -> None:
    table = calendar(catalogue, "XBOM", "2026-12-01", "2027-12-31")
    assert table.phase(at("2026-12-30T05:00")) is Phase.OPEN
    assert table.phase(at("2027-01-04T05:00")) is Phase.UNKNOWN


def test_bombay_has_the_evening_session_of_diwali(catalogue: Catalogue) -> None:
    found = sessions(catalogue, "XBOM", "2024-10-28", "2024-11-08")
    assert found["2024-11-01"] == (at("2024-11-01T12:30"), at("2024-11-01T13:30"))
    assert found["2024-10-31"] == (at("2024-10-31T03:45"), at("2024-10-31T10:00"))


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2026-01-01", "2026-01-01T03:30", "2026-01-01T11:30"),  # no evening
        ("2026-03-06", "2026-03-06T03:30", "2026-03-06T18:25"),  # winter in New York
        ("2026-03-09", "2026-03-09T03:30", "2026-03-09T18:00"),  # summer
        ("2026-10-20", "2026-10-20T11:30", "2026-10-20T18:00"),  # evening only
        ("2026-11-24", "2026-11-24T11:30", "2026-11-24T18:25"),
    ],
)
def test_mcx_trades_by_the_committed_hours(catalogue: Catalogue, day: str, opens: str, closes: str) -> None:
    assert sessions(catalogue, "MCX", "2026-01-01", "2026-12-31")[day] == (at(opens), at(closes))


def test_mcx_rests_on_holidays_and_weekends(catalogue: Catalogue) -> None:
    found = sessions(catalogue, "MCX", "2026-01-01", "2026-12-31")
    assert (
        not {"2026-01-26", "2026-04-03", "2026-10-02", "2026-12-25", "2026-11-21", "2026-11-22"}
        & found.keys()
    )
    assert len(found) == 261 - 4


def test_mcx_is_unknown_before_and_after_its_year(catalogue: Catalogue) -> None:
    table = calendar(catalogue, "MCX", "2025-06-01", "2027-06-01")
    phases = [table.phase(at(day)) for day in ("2025-12-31T06:00", "2026-01-02T06:00", "2027-01-04T06:00")]
    assert phases == [Phase.UNKNOWN, Phase.OPEN, Phase.UNKNOWN]


def test_hong_kong_rests_at_noon(catalogue: Catalogue) -> None:
    table = calendar(catalogue, "XHKG", "2026-11-02", "2026-11-30")
    phases = [table.phase(at(f"2026-11-20T{clock}")) for clock in ("03:59:59", "04:00", "04:59:59", "05:00")]
    assert phases == [Phase.OPEN, Phase.CLOSED, Phase.CLOSED, Phase.OPEN]
    assert table.session(at("2026-11-20T04:30")) is not None


def test_names_nobody_knows_are_refused(catalogue: Catalogue) -> None:
    with pytest.raises(CalendarError, match="no calendar `MOON`"):
        calendars(catalogue, ["24/7", "MOON"], "2026-01-01", "2026-02-01")
    with pytest.raises(CalendarError, match="calendar `XNYS` from 1600-01-01 to 1600-02-01"):
        calendar(catalogue, "XNYS", "1600-01-01", "1600-02-01")
    with pytest.raises(CalendarError, match="no span of days"):
        calendar(catalogue, "XNYS", "2026-02-02", "2026-02-01")
    with pytest.raises(CalendarError, match="knows nothing between 2031-01-01 and 2031-02-01"):
        calendar(catalogue, "XBOM", "2031-01-01", "2031-02-01")
    with pytest.raises(CalendarError, match="knows nothing between"):
        calendar(catalogue, "MCX", "2031-01-01", "2031-02-01")


def _own(**changes: object) -> Exchange:
    summer = Hours(first="2026-03-01", last="2026-04-30", opens="09:00", closes="17:00")
    made = Exchange(says="own", zone="Europe/Berlin", library=None, hours=(summer,), special_days=())
    return replace(made, **changes)  # type: ignore[arg-type]


def _special(day: str, opens: str | None, closes: str | None) -> SpecialDay:
    return SpecialDay(day=day, opens=opens, closes=closes, reason="test")


SUMMER = Hours(first="2026-03-01", last="2026-04-30", opens="09:00", closes="17:00")
SPRING = Hours(first="2026-04-01", last="2026-05-30", opens="09:00", closes="17:00")
LATER = Hours(first="2026-05-04", last="2026-05-30", opens="09:00", closes="17:00")


@pytest.mark.parametrize(
    ("exchange", "says"),
    [
        (_own(hours=()), "neither a library nor hours"),
        (_own(hours=(SUMMER, SPRING)), "2 entries of hours for 2026-04-01"),
        (_own(hours=(SUMMER, LATER)), "0 entries of hours for 2026-05-01"),
        (_own(special_days=(_special("2026-03-02", "09:00", None),)), "give both hours, or neither"),
        (_own(special_days=(_special("2026-03-02", "17:00", "09:00"),)), "opens 17:00 and closes 09:00"),
        (_own(special_days=(_special("2026-03-02", None, None),) * 2), "2026-03-02 stands there twice"),
        (_own(special_days=(_special("2026-03-29", "02:30", "09:00"),)), "does not exist in Europe/Berlin"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(
    catalogue: Catalogue, exchange: Exchange, says: str
) -> None:
    changed = replace(catalogue, calendar=replace(catalogue.calendar, exchanges={"OWN": exchange}))
    with pytest.raises(CalendarError, match=says):
        calendar(changed, "OWN", "2026-03-01", "2026-05-30")


def test_always_open_takes_no_hours(catalogue: Catalogue) -> None:
    changed = replace(catalogue, calendar=replace(catalogue.calendar, exchanges={"24/7": _own()}))
    with pytest.raises(CalendarError, match="has no hours of its own"):
        calendar(changed, "24/7", "2026-03-01", "2026-03-31")


def test_a_session_on_a_sunday_counts(catalogue: Catalogue) -> None:
    own = _own(special_days=(_special("2026-03-01", "10:00", "12:00"), _special("2026-03-03", None, None)))
    changed = replace(catalogue, calendar=replace(catalogue.calendar, exchanges={"OWN": own}))
    found = sessions(changed, "OWN", "2026-03-01", "2026-03-31")
    assert found["2026-03-01"] == (at("2026-03-01T09:00"), at("2026-03-01T11:00"))
    assert "2026-03-03" not in found
    assert found["2026-03-30"] == (at("2026-03-30T07:00"), at("2026-03-30T15:00"))  # summer time


def test_sessions_that_overlap_are_refused(catalogue: Catalogue) -> None:
    always = AlwaysOpen()
    one, two = always.session(0), always.session(DAY)._replace(opens=DAY - 1)
    with pytest.raises(CalendarError, match="1970-01-02 opens before 1970-01-01 closes"):
        SessionTable("X", [one, two], "1970-01-01", "1970-01-02")


def test_a_table_without_sessions_is_closed() -> None:
    empty = SessionTable("X", [], "2026-01-01", "2026-01-02")
    assert empty.phase(at("2026-01-01T12:00")) is Phase.CLOSED
    assert empty.session_day(at("2026-01-01T12:00")) is None


@given(st.integers(min_value=0, max_value=30 * 24 * 60))
def test_lookup_agrees_with_a_walk_over_all_sessions(minute: int) -> None:
    days = [AlwaysOpen().session(day * DAY) for day in range(0, 28, 2)]
    trimmed = [s._replace(opens=s.opens + 9 * 60 * MINUTE, closes=s.closes - 7 * 60 * MINUTE) for s in days]
    table = SessionTable("X", trimmed, "1970-01-01", "1970-01-28")
    instant = minute * MINUTE
    inside = any(s.opens <= instant < s.closes for s in trimmed)
    known = instant < 28 * DAY
    wanted = (Phase.OPEN if inside else Phase.CLOSED) if known else Phase.UNKNOWN
    assert table.phase(instant) is wanted


def test_a_replay_asks_for_a_fortnight_more() -> None:
    assert span_of([at("2026-11-20T14:30"), at("2026-11-02T14:30")]) == ("2026-10-19", "2026-12-04")
