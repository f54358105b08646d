"""Positions below zero are allowed.

The loss of a long position ends at zero; that of a short one does not end.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="LIM005",
    slug="short_selling_allowed",
    severity=Severity.GUARDED,
    scope=Scope.STATE,
    title="short selling allowed",
    fix="set `allow_short: false`, or add a waiver that names the strategy and its loss bound",
    reads=("account.allow_short",),
    source="seed 004 (long entries), paper 04 8.11",
)
VALID = (Sample(says="long only"),)
INVALID = (Sample(says="short", edits={"account.allow_short": True}),)


def judge(state: State) -> Iterator[Hit]:
    if state.environment.account.allow_short:
        yield Hit(("account", "allow_short"), "short positions are allowed, and their loss has no bound")
