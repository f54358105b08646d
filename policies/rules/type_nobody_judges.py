"""A kind of resource would be made that no rule here has ever looked at.

A bucket, a queue or a second kind of database would pass in silence: every rule about databases speaks of another type.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.aws_types import HARMLESS, JUDGED
from policies.inputs import Hit, Resources
from policies.planned import DATABASE, name, plan, urn_path
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF129",
    slug="type_nobody_judges",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="kind of resource nobody judges",
    fix="write the rules that hold it safe and add it to policies/aws_types.py, or say there why it needs none",
    reads=("resources.*.type",),
    source="paper 00 1.3 (nothing passes in silence)",
)
VALID = (
    Sample(
        says="judged, harmless, ours and no cloud's",
        resources=(
            plan(DATABASE, {}),
            plan("aws:ec2/eip:Eip", {}),
            plan("interlock:data:Database", {}),
            plan("aws:s3/bucket:Bucket", {}, op="delete"),
        ),
    ),
)
INVALID = (
    Sample(says="a bucket", resources=(plan("aws:s3/bucket:Bucket", {}),)),
    Sample(says="another cloud", resources=(plan("gcp:sql/databaseInstance:DatabaseInstance", {}),)),
)


OURS = ("interlock:", "pulumi:")


def judge(graph: Resources) -> Iterator[Hit]:
    for one in graph.planned:
        if one.op != "delete" and one.type not in JUDGED | HARMLESS.keys() and not one.type.startswith(OURS):
            yield Hit(urn_path(one), f"{name(one)}: no rule judges resources of type `{one.type}`")
