"""Debugging aids are on in staging or production.

Staging must run what production runs; a difference that only debugging explains hides what production will do.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN015",
    slug="debug_outside_dev",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=(
        "staging",
        "production",
    ),
    title="debug outside dev",
    fix="set `debug_mode: false`; debugging aids belong to tier dev",
    reads=("debug_mode",),
    source="seed 001 (staging.yml and production.yml: debug_mode false)",
)
VALID = (
    Sample(says="off in staging", tier="staging"),
    Sample(says="on in dev", tier="dev"),
)
INVALID = (Sample(says="on in staging", tier="staging", edits={"debug_mode": True}),)


def judge(state: State) -> Iterator[Hit]:
    if state.environment.debug_mode:
        yield Hit(("debug_mode",), f"debugging aids are on in tier `{state.tier}`")
