"""The file calls itself by another environment's name.

The reader refuses it as well; this keeps the same promise for states that come from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN022",
    slug="environment_named_otherwise",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="environment named otherwise",
    fix="write the file's name into `environment`",
    reads=("environment",),
    source="paper 01 1 (the `environment:` field equals the file name)",
)
VALID = (Sample(says="its own name"),)
INVALID = (Sample(says="another's", edits={"environment": "staging"}),)


def judge(state: State) -> Iterator[Hit]:
    if state.environment.environment != state.name:
        yield Hit(("environment",), f"`{state.name}` calls itself `{state.environment.environment}`")
