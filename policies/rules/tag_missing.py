"""A resource would not carry the tags its bill, its owner and its backup are found by.

What nobody owns nobody turns off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from config.findings import Severity
from policies.inputs import Hit, Resources
from policies.planned import PROVIDER, TOPIC, name, of, plan, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF114",
    slug="tag_missing",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="resource without its tags",
    fix="add the tag to the provider's default tags",
    reads=("resources.*.tags", "resources.pulumi:providers:aws.defaultTags", "infrastructure.required_tags"),
    source="paper 02 5 Infrastructure",
)
ALL = {"environment": "e", "managed-by": "m", "owner": "o", "service": "s"}
VALID = (Sample(says="tagged", resources=(plan(TOPIC, {"tags": ALL}),)),)
INVALID = (
    Sample(
        says="one missing",
        resources=(plan(TOPIC, {"tags": {"owner": "x", "service": "y", "environment": "z"}}),),
    ),
    Sample(says="provider without", resources=(plan(PROVIDER, {}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    required = graph.state.environment.infrastructure.required_tags
    for one in of(graph, PROVIDER):
        given = value(one, "defaultTags")
        tags = (
            value(one, "defaultTags", "tags")
            if not isinstance(given, str)
            else json.loads(given).get("tags", {})
        )
        for tag in required:
            if not isinstance(tags, Mapping) or tag not in tags:
                yield Hit(("infrastructure", "required_tags"), f"{name(one)}: no default tag `{tag}`")
    for one in graph.planned:
        tags = one.properties.get("tags")
        for tag in required if isinstance(tags, Mapping) and one.op != "delete" else ():
            if tag not in tags:  # type: ignore[operator]
                yield Hit(urn_path(one, "tags"), f"{name(one)}: tag `{tag}` is missing")
