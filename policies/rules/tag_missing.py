"""A resource would not carry the tags its bill, its owner and its backup are found by.

What nobody owns nobody turns off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.findings import Severity
from policies.aws_tags import TAGGABLE
from policies.inputs import Hit, Resources
from policies.planned import PROVIDER, SERVICE, TOPIC, document, name, needs, of, one_of, plan, urn_path
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF114",
    slug="tag_missing",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="resource without its tags",
    fix="add the tag to the provider's default tags",
    reads=(
        "resources.*.tags",
        "resources.aws:ecs/service:Service.propagateTags",
        "resources.pulumi:providers:aws.defaultTags",
        "infrastructure.required_tags",
    ),
    source="paper 02 5 Infrastructure",
)
ALL = {"environment": "production", "managed-by": "m", "owner": "o", "service": "s"}
VALID = (
    Sample(
        says="by default, and on its tasks",
        resources=(
            plan(PROVIDER, {"defaultTags": {"tags": ALL}}),
            plan(SERVICE, {"tags": ALL, "propagateTags": "TASK_DEFINITION"}),
        ),
    ),
    Sample(says="tagged", resources=(plan(TOPIC, {"tags": ALL}),)),
)
INVALID = (
    Sample(says="another's", resources=(plan(TOPIC, {"tags": {**ALL, "environment": "dev"}}),)),
    Sample(says="none at all", resources=(plan(TOPIC, {}),)),
    Sample(says="its tasks go without", resources=(plan(SERVICE, {"tags": ALL}),)),
    Sample(
        says="one missing",
        resources=(plan(TOPIC, {"tags": {"owner": "x", "service": "y", "environment": "z"}}),),
    ),
    Sample(says="provider without", resources=(plan(PROVIDER, {}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    required = graph.state.environment.infrastructure.required_tags
    for one in of(graph, PROVIDER):
        found = document(one, "defaultTags")
        tags = found.get("tags") if isinstance(found, Mapping) else found
        for tag in required:
            if not isinstance(tags, Mapping) or tag not in tags:
                yield Hit(("infrastructure", "required_tags"), f"{name(one)}: no default tag `{tag}`")
    for one in of(graph, *TAGGABLE):
        tags = one.properties.get("tags")
        for tag in required:
            if not isinstance(tags, Mapping) or not tags.get(tag):
                yield Hit(urn_path(one, "tags"), f"{name(one)}: tag `{tag}` is missing")
        environment = graph.state.environment.environment
        if isinstance(tags, Mapping) and tags.get("environment") not in (None, environment):
            message = f"{name(one)}: tag `environment` must be `{environment}`, roles are bound by it"
            yield Hit(urn_path(one, "tags"), message)
    for one in of(graph, SERVICE):
        passed_on = one_of("SERVICE", "TASK_DEFINITION")
        yield from needs(one, ("propagateTags",), passed_on, "its tasks must carry its tags")
