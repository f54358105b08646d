"""Salt, unit or hash of a known flag changes.

While some accounts are in and others out, about nine in ten of those that were in would be swapped, in silence.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Also, Change, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG013",
    slug="bucketing_changed",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    title="buckets of a flag changed",
    fix="add a new flag; or bring every percentage to 0 or 100 first and add a waiver",
    reads=(
        "catalogue.flags.flags.*.salt",
        "catalogue.flags.flags.*.unit",
        "catalogue.flags.flags.*.bucketing",
    ),
    source="paper 03 4.4 (about 90 % of the cohort moves, measured)",
)
VALID = (Sample(says="the same salt", catalogue_before={}),)
INVALID = (
    Sample(
        says="another salt",
        catalogue={"catalogue.flags.flags.live_trading_enabled.salt": "fresh"},
        catalogue_before={},
    ),
)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("catalogue", "flags", "flags", "*"):
        if key.path[4] in ("salt", "unit", "bucketing") and MISSING not in (key.before, key.after):
            was = Also(key.path, f"was {key.before}", base=True)
            message = f"`{key.path[4]}` of flag `{key.path[3]}` changes, so other accounts would be let in"
            yield Hit(key.path, message, related=(was,))
