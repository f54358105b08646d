"""Shows planned resources to the resource rules, one by one or as a whole, and says which rules applied.

A rule that crashes is a violation that names the rule: never a pass, and never the end of the other rules.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra import wire
from policies.inputs import UNKNOWN, Hit, Resource, Resources, State
from policies.paths import dotted
from policies.registry import RULES
from policies.rule import Rule, Scope

CRASHED = "the rule itself crashed"
NEEDS_OPERATION = ("records_replaced_or_deleted",)
"""Rules about what happens to a resource: the engine tells no operation to a pack, so `preview` judges them."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A hit with its rule, and the resource it is about."""

    rule: Rule
    urn: str
    hit: Hit


def rules_of_pack() -> tuple[Rule, ...]:
    """Every resource rule the engine can show what it needs."""
    return tuple(
        rule for rule in RULES if rule.META.scope is Scope.RESOURCES and rule.META.slug not in NEEDS_OPERATION
    )


def sees_whole_graph(rule: Rule) -> bool:
    """Whether the rule compares resources with one another."""
    return bool(getattr(rule, "WHOLE_GRAPH", False))


def applies(rule: Rule, state: State, types: Iterable[str]) -> bool:
    """Whether the rule has anything to say about resources of these types in this tier."""
    if state.tier not in rule.META.tiers:
        return False
    named = {one.split(".")[1] for one in rule.META.reads if one.startswith("resources.")}
    return "*" in named or any(one in named for one in types)


LIFTED = ("protect", "deletion_protection", "disableApiTermination")
"""What the program lifts of a store that two people approved to replace or delete (config/records/approvals.yaml)."""


def judge(
    rule: Rule, state: State, planned: Sequence[Resource], approved: Container[str] = ()
) -> Iterator[Violation]:
    """Every hit of one rule on these resources; a protection that an approval lifts is none."""
    for one in _judge(rule, state, planned):
        is_lifted = rule.META.id == "INF106" and one.hit.path and one.hit.path[-1] in LIFTED
        if not is_lifted or one.urn.rsplit("::", 1)[-1] not in approved:
            yield one


def _judge(rule: Rule, state: State, planned: Sequence[Resource]) -> Iterator[Violation]:
    urn = planned[0].urn if len(planned) == 1 else ""
    try:
        for hit in rule.judge(Resources(state, tuple(planned))):
            yield Violation(rule, str(hit.path[1]) if hit.path[:1] == ("resources",) else urn, hit)
    except Exception as error:  # a rule is foreign code to the engine; see the module's promise
        yield Violation(rule, urn, Hit((), f"{CRASHED}: {type(error).__name__}"))


def sentence(violation: Violation) -> str:
    """The message with rule and place: `INF102 ... [config: infrastructure.database.publicly_accessible]`."""
    path = violation.hit.path
    place = f" [config: {dotted(path)}]" if path and path[0] != "resources" else ""
    return f"{violation.rule.META.id}: {violation.hit.message}{place}"


def resource(urn: str, type_: str, properties: Mapping[str, Any], *, protect: bool) -> Resource:
    """A planned resource as rules see it."""
    return Resource(urn, type_, "create", plain(properties), protect)


def plain(value: Any) -> Any:
    """Engine values as rules see them: unknowns marked, secrets hidden behind the same mark."""
    if value is wire.UNKNOWN or isinstance(value, wire.Secret):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value
