"""An environment file disappears.

What runs there is not stopped by a missing file; its rules and its parity with the others end in silence.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Change, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN019",
    slug="environment_removed",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    title="environment removed",
    fix="halt trading there first (`trading_halted: true`), reconcile, then remove the file with a waiver",
    reads=("tier", "trading_halted"),
    source="paper 02 3 (nothing passes in silence), issue 4 (renamed or deleted environment)",
)
VALID = (Sample(says="it stays", before={}),)
INVALID = (Sample(says="it goes", edits={"environment": MISSING}, before={}),)


def judge(change: Change) -> Iterator[Hit]:
    if change.before is not None and change.after is None:
        yield Hit(
            ("tier",),
            f"environment `{change.name}` is removed while tier `{change.before.tier}` may still run",
        )
