"""The window grows, a freeze shrinks or goes, or a tier is let free.

Otherwise a change could bring its own open window with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from config.findings import Severity
from config.models.catalogue import Freeze
from policies.inputs import MISSING, Also, Change, Hit
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="CAL005",
    slug="calendar_loosened",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    title="calendar loosened",
    fix="keep it, or add a waiver; a freeze is not lifted by the change it would hold",
    reads=("catalogue.calendar",),
    source="paper 06 A25 (Argo 11817: a freeze evaded), paper 02 5",
)
_HOLIDAYS = Freeze(first="12-20", last="01-02", reason="holidays")
_JANUARY = Freeze(first="2027-01-25", last="2027-01-29", reason="FOMC")
_PAST = Freeze(first="2026-01-26", last="2026-01-30", reason="FOMC")
_FREEZES = "catalogue.calendar.freezes"
VALID = (
    Sample(
        says="one more freeze, in front",
        catalogue={_FREEZES: (_JANUARY, _HOLIDAYS)},
        catalogue_before={_FREEZES: (_HOLIDAYS,)},
    ),
    Sample(
        says="a longer freeze, and one that is over gone",
        catalogue={_FREEZES: (Freeze(first="12-18", last="01-03", reason="more"),)},
        catalogue_before={_FREEZES: (_HOLIDAYS, _PAST)},
    ),
    Sample(says="closes earlier", catalogue={"catalogue.calendar.closes": "13:00"}, catalogue_before={}),
)
INVALID = (
    Sample(says="a freeze gone", catalogue={"catalogue.calendar.freezes.0": MISSING}, catalogue_before={}),
    Sample(
        says="a freeze shorter by a day",
        catalogue={_FREEZES: (Freeze(first="12-20", last="01-01", reason="less"),)},
        catalogue_before={_FREEZES: (_HOLIDAYS,)},
    ),
    Sample(
        says="a freeze of the other half of the year",
        catalogue={_FREEZES: (Freeze(first="01-02", last="12-20", reason="turned"),)},
        catalogue_before={_FREEZES: (_HOLIDAYS,)},
    ),
    Sample(
        says="an event week gone",
        catalogue={_FREEZES: (_HOLIDAYS,)},
        catalogue_before={_FREEZES: (_HOLIDAYS, _JANUARY)},
    ),
    Sample(
        says="opens earlier",
        catalogue={"catalogue.calendar.opens": "10:00"},
        catalogue_before={"catalogue.calendar.opens": "11:00"},
    ),
)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("catalogue", "calendar"):
        if key.before is MISSING or key.path[2] in ("freezes", "schema") or key.path[-1] == "reason":
            continue
        earlier = key.path[-1] == "opens" and str(key.after) < str(key.before)
        later = key.path[-1] in ("closes", "friday_closes") and str(key.after) > str(key.before)
        if key.after is MISSING or key.direction == "loosen" or earlier or later or key.path[2] == "zone":
            was = Also(key.path, f"was {key.before}", base=True)
            yield Hit(key.path, f"`{dotted(key.path[1:])}` of the calendar is loosened", related=(was,))
    if change.was is not None and change.now is not None:
        yield from _of_freezes(change, change.was.calendar.freezes, change.now.calendar.freezes)


def _of_freezes(change: Change, were: Sequence[Freeze], are: Sequence[Freeze]) -> Iterator[Hit]:
    """Freezes by the days they hold, wherever they stand in the list; one that is over may go."""
    place = ("catalogue", "calendar", "freezes")
    today = change.as_of.astimezone(change.zone).date().isoformat()
    for at, old in enumerate(were):
        is_over = len(old.last) == len(today) and old.last < today
        if not is_over and not any(_holds(one, old) for one in are):
            was = Also((*place, at), "stood here", base=True)
            yield Hit(place, f"the freeze of {old.first} to {old.last} is gone or shorter", related=(was,))


def _holds(new: Freeze, old: Freeze) -> bool:
    """Whether every day of the old freeze is one of the new; a yearly one may go past the new year."""
    if len(new.first) != len(old.first):
        return False
    if new.first > new.last and old.first <= old.last:
        return old.first >= new.first or old.last <= new.last
    is_alike = (new.first > new.last) == (old.first > old.last)
    return is_alike and new.first <= old.first and new.last >= old.last
