"""The environment sets a flag that flags.yaml does not know.

An unknown flag has no owner, no ceiling and no safe value; a misspelt one leaves the real flag as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from config.models.environment import FlagState
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG001",
    slug="unknown_flag",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="unknown flag",
    fix="add the flag to flags.yaml first, or correct the name",
    reads=("flags", "catalogue.flags.flags"),
    source="paper 03 4.1, 02 7 (a misspelt key is silent in every tool tried)",
)
VALID = (Sample(says="known flags"),)
INVALID = (
    Sample(
        says="a misspelt flag",
        edits={"flags.live_trading_enabeld": FlagState(enabled=False, accounts=(), percent=Decimal(0))},
    ),
)


def judge(state: State) -> Iterator[Hit]:
    known, retired = state.catalogue.flags.flags, state.catalogue.flags.retired
    for key in state.environment.flags:
        if key not in known and key not in retired:
            yield Hit(("flags", key), f"flag `{key}` is not in flags.yaml")
