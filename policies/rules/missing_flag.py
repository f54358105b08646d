"""A flag of flags.yaml is not set in an environment.

An absent flag would take a default nobody wrote down; an auditor must read the value that ran.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG003",
    slug="missing_flag",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="missing flag",
    fix="state every flag of flags.yaml in every environment",
    reads=("flags", "catalogue.flags.flags"),
    source="paper 00 1.4 (one value, one place), paper 03 4.1",
)
VALID = (Sample(says="all set"),)
INVALID = (Sample(says="one left out", edits={"flags.mode_switching_enabled": MISSING}),)


def judge(state: State) -> Iterator[Hit]:
    for key in state.catalogue.flags.flags:
        if key not in state.environment.flags:
            known = (Also(("catalogue", "flags", "flags", key), "declared here"),)
            yield Hit(("flags", key), f"flag `{key}` is not set in `{state.name}`", related=known)
