"""The window grows, a freeze shrinks or goes, or a tier is let free.

Otherwise a change could bring its own open window with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
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
VALID = (
    Sample(says="closes earlier", catalogue={"catalogue.calendar.closes": "13:00"}, catalogue_before={}),
)
INVALID = (
    Sample(says="a freeze gone", catalogue={"catalogue.calendar.freezes.0": MISSING}, catalogue_before={}),
    Sample(
        says="opens earlier",
        catalogue={"catalogue.calendar.opens": "10:00"},
        catalogue_before={"catalogue.calendar.opens": "11:00"},
    ),
)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("catalogue", "calendar"):
        if key.before is MISSING or key.path[-1] in ("reason", "schema"):
            continue
        earlier = key.path[-1] in ("opens", "first") and str(key.after) < str(key.before)
        later = key.path[-1] in ("closes", "friday_closes", "last") and str(key.after) > str(key.before)
        is_freeze = key.path[2] == "freezes"
        tightens = (earlier or later) if is_freeze else not (earlier or later)
        if key.after is MISSING or key.direction == "loosen" or not tightens or key.path[2] == "zone":
            was = Also(key.path, f"was {key.before}", base=True)
            yield Hit(key.path, f"`{dotted(key.path[1:])}` of the calendar is loosened", related=(was,))
