"""`trading_halted` goes from true to false outside tier dev.

Somebody halted trading for a reason; whoever lifts the halt says what became of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Change, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN023",
    slug="halt_lifted",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    tiers=(
        "staging",
        "production",
    ),
    title="halt lifted",
    fix="add a waiver that names who looked into the cause and what was found",
    reads=("trading_halted",),
    source="paper 00 1.5 (being stopped), seed 002 (Circuit breaker: investigate, fix, resume)",
)
VALID = (Sample(says="halted", edits={"trading_halted": True}, before={}),)
INVALID = (Sample(says="lifted", before={"trading_halted": True}),)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("trading_halted"):
        if key.before is True and key.after is False:
            was = Also(key.path, "was halted", base=True)
            yield Hit(key.path, f"trading resumes in `{change.name}`", related=(was,))
