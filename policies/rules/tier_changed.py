"""An environment moves to another tier.

Rules and ceilings select by tier, so one word would move an environment out of reach of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Also, Change, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN018",
    slug="tier_changed",
    severity=Severity.ERROR,
    scope=Scope.CHANGE,
    title="tier of an environment changed",
    fix="add a new environment with the other tier instead, and retire this one",
    reads=("tier",),
    source="paper 00 8 (rules select by tier); Kyverno GHSA-gg4x-fgg2-h9w9 (an exception that widens)",
)
VALID = (
    Sample(says="nothing moves", before={}),
    Sample(says="a new environment", before={"environment": MISSING}),
    Sample(says="an environment that goes", edits={"environment": MISSING}, before={}),
)
INVALID = (Sample(says="production becomes dev", edits={"tier": "dev"}, before={}),)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("tier"):
        if MISSING in (key.before, key.after):
            continue
        was = Also(("tier",), f"was {key.before}", base=True)
        yield Hit(key.path, f"the tier moves from `{key.before}` to `{key.after}`", related=(was,))
