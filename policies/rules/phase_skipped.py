"""The phase rises by more than one.

A rung that was skipped was not watched.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Change, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ROL003",
    slug="phase_skipped",
    severity=Severity.ERROR,
    scope=Scope.CHANGE,
    title="phase skipped",
    fix="climb one phase at a time; each has a soak of its own",
    reads=("phase",),
    source="seed 000 2 and 9 (one phase a week), paper 02 5 (steps in order)",
)
VALID = (
    Sample(says="one up", edits={"phase": 2}, before={}),
    Sample(says="back to the first", edits={"phase": 1}, before={"phase": 4}),
)
INVALID = (Sample(says="from 1 to 3", edits={"phase": 3}, before={}),)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("phase"):
        if isinstance(key.before, int) and isinstance(key.after, int) and key.after > key.before + 1:
            was = Also(("phase",), f"was {key.before}", base=True)
            yield Hit(("phase",), f"the phase rises from {key.before} to {key.after}", related=(was,))
