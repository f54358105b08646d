"""A flag lets somebody in while a flag it depends on does not let everybody in.

The engine would refuse at run time; a file that says "on" and means "off" misleads its readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import Also, Hit, State, lets_all_in, lets_in
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG006",
    slug="prerequisite_not_satisfied",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="prerequisite not satisfied",
    fix="switch the prerequisite on for everybody first, or this flag off",
    reads=("flags", "catalogue.flags.flags.*.prerequisites"),
    source="paper 03 4.2 (5: prerequisites, all must be on)",
)
VALID = (Sample(says="paper with the stop armed"),)
INVALID = (
    Sample(
        says="live without paper",
        edits={
            "flags.live_trading_enabled.enabled": True,
            "flags.live_trading_enabled.percent": Decimal("5.0"),
            "flags.paper_trading_enabled.enabled": False,
        },
    ),
)


def judge(state: State) -> Iterator[Hit]:
    flags = state.environment.flags
    for key, flag in flags.items():
        identity = state.identity(key)
        if identity is None or not lets_in(flag):
            continue
        for needed in identity.prerequisites:
            if needed not in flags or not lets_all_in(flags[needed]):
                where = ("flags", needed, "enabled") if needed in flags else ("flags", key, "enabled")
                declared = ("catalogue", "flags", "flags", key, "prerequisites")
                yield Hit(
                    ("flags", key, "enabled"),
                    f"`{key}` is on and needs `{needed}`, which does not let everybody in",
                    related=(Also(where, f"`{needed}`"), Also(declared, "declared here")),
                )
