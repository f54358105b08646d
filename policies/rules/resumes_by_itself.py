"""REDUCING or HALTED ends by itself outside tier dev.

A halt that lifts itself is a pause nobody looked into.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN017",
    slug="resumes_by_itself",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=(
        "staging",
        "production",
    ),
    title="trading resumes by itself",
    fix="set `auto_resume_if_clean: false`; people resume where money or evidence is at stake",
    reads=("auto_resume_if_clean",),
    source="paper 04 8.6 (leaving HALTED), seed 002 (Manual review, pause trading)",
)
VALID = (Sample(says="dev may", tier="dev"),)
INVALID = (Sample(says="production may not", edits={"auto_resume_if_clean": True}),)


def judge(state: State) -> Iterator[Hit]:
    if state.environment.auto_resume_if_clean:
        yield Hit(("auto_resume_if_clean",), f"trading would resume by itself in tier `{state.tier}`")
