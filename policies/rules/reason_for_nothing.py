"""parity.yaml explains a difference that does not exist, or the same one twice.

A reason that outlives its difference would excuse the next one.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from config.models.catalogue import Difference
from policies.inputs import Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="PAR002",
    slug="reason_for_nothing",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="reason for nothing",
    fix="remove the entry from parity.yaml",
    reads=("catalogue.parity.differences",),
    source="issue 4 item 8 (an explanation of nothing is a violation too)",
)
_REASON = (Difference(path="url", between=("dev", "staging", "production"), reason="sample"),)
VALID = (Sample(says="no reasons, no differences"),)
INVALID = (Sample(says="a reason for nothing", catalogue={"catalogue.parity.differences": _REASON}),)


def judge(fleet: Fleet) -> Iterator[Hit]:
    seen = set[str]()
    columns = {tuple(map(str, path)): fleet.values(path) for path in fleet.paths()}
    differing = {path for path, values in columns.items() if values.count(values[0]) < len(values)}
    covered = {path[:length] for path in differing for length in range(1, len(path) + 1)}
    for at, one in enumerate(fleet.catalogue.parity.differences):
        place = ("catalogue", "parity", "differences", at, "path")
        if tuple(one.path.removesuffix(".*").split(".")) not in covered:
            yield Hit(place, f"no environments differ in `{one.path}`")
        if one.path in seen:
            yield Hit(place, f"`{one.path}` is explained twice")
        seen.add(one.path)
