"""When an exchange trades: hours of our own, or the library's with the days on which it is wrong or silent."""

from typing import Annotated

from config.models.nature import neutral
from config.models.section import section

DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
CALENDAR = "[A-Z0-9/]{2,10}"

_FACT = "a fact of the exchange"


@section
class Hours:
    """Trading hours of Monday to Friday, in a span of days."""

    first: Annotated[str, neutral("first day", why=_FACT, grammar=DAY)]
    last: Annotated[str, neutral("last day, included", why=_FACT, grammar=DAY)]
    opens: Annotated[str, neutral("start of trading, local time", why=_FACT, grammar=CLOCK)]
    closes: Annotated[str, neutral("end of trading, local time", why=_FACT, grammar=CLOCK)]


@section
class SpecialDay:
    """A day unlike the others: a holiday (no hours), half a day, an evening session, a session on a Sunday."""

    day: Annotated[str, neutral("the day", why=_FACT, grammar=DAY)]
    opens: Annotated[
        str | None, neutral("start of trading, local time, null: closed", why=_FACT, grammar=CLOCK)
    ]
    closes: Annotated[
        str | None, neutral("end of trading, local time, null: closed", why=_FACT, grammar=CLOCK)
    ]
    reason: Annotated[str, neutral("what day it is", why="people's words", free_text=True)]


@section
class Exchange:
    """Sessions of one exchange; a day outside what is recorded is unknown, and unknown halts."""

    says: Annotated[str, neutral("what it is, and where the hours come from", why=_FACT, free_text=True)]
    zone: Annotated[str, neutral("IANA zone of the times", why=_FACT, grammar="[A-Za-z_]+/[A-Za-z_]+")]
    library: Annotated[
        str | None,
        neutral("calendar of exchange_calendars this corrects, null: none", why=_FACT, grammar=CALENDAR),
    ]
    hours: Annotated[
        tuple[Hours, ...], neutral("hours by span of days, where no library has them", why=_FACT)
    ]
    special_days: Annotated[tuple[SpecialDay, ...], neutral("days unlike the others", why=_FACT)]
