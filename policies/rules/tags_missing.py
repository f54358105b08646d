"""A tag that says whose a resource is may be left out.

What carries no name is paid by everybody and deleted by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF015",
    slug="tags_missing",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="tags missing",
    fix="list environment, managed-by, owner and service",
    reads=("infrastructure.required_tags",),
    source="paper 02 5 (tags present)",
)
VALID = (Sample(says="all four"),)
INVALID = (
    Sample(says="nobody's", edits={"infrastructure.required_tags": ("environment", "managed-by", "service")}),
)


_NEEDED = ("environment", "managed-by", "owner", "service")


def judge(state: State) -> Iterator[Hit]:
    missing = [tag for tag in _NEEDED if tag not in state.environment.infrastructure.required_tags]
    if missing:
        names = ", ".join(f"`{tag}`" for tag in missing)
        yield Hit(("infrastructure", "required_tags"), f"resources may lack {names}")
