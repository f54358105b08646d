"""A store of records would be deleted or built anew.

A new database is an empty one. A waiver names a key and its value, and this is about neither: only an approval that
names the store and the operation (config/records/approvals.yaml) lets it pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, Resources
from policies.planned import DATABASE, HOLDS_RECORDS, KEY, name, plan, urn_path
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF115",
    slug="records_replaced_or_deleted",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="records that would be lost",
    fix="keep what forces it, or have it approved by name in config/records/approvals.yaml; no waiver covers this",
    reads=("resources.aws:rds/instance:Instance", "resources.aws:kms/key:Key"),
    source="paper 02 5 Infrastructure",
)
VALID = (
    Sample(says="another description", resources=(plan(KEY, {}, op="update"),)),
    Sample(says="updated", resources=(plan(DATABASE, {}, op="update"),)),
)
INVALID = (
    Sample(says="replaced", resources=(plan(DATABASE, {}, op="replace"),)),
    Sample(says="deleted", resources=(plan(KEY, {}, op="delete"),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in graph.planned:
        if one.type in HOLDS_RECORDS and one.op in ("delete", "replace"):
            done = "deleted" if one.op == "delete" else "replaced by an empty one"
            yield Hit(urn_path(one), f"{name(one)}: holds records and would be {done}")
