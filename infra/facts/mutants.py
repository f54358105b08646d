"""Dangerous versions of a planned resource, made from its values alone: what a rule must refuse is never taken from it.

Each leaf is removed, made unknown and changed by its type: switches flip, numbers fall to nothing and rise tenfold,
addresses open to the world, documents widen, words become other words, lists empty; then tags and options go.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from policies.inputs import UNKNOWN, Resource
from policies.planned import HOLDS_RECORDS

Keys = tuple[str | int, ...]
WORLDS = ("0.0.0.0/0", "0.0.0.0/1")
DROPPED = object()


class Mutant(NamedTuple):
    """One resource with one dangerous value; `path` names the property without positions in lists."""

    path: str
    kind: str
    resource: Resource


ENGINES_OWN = ("__internal", "version")
"""What the engine writes into a provider's properties for itself."""


def mutants(one: Resource) -> Iterator[Mutant]:
    """Every mutant of one planned resource."""
    if one.type.startswith("pulumi:"):
        ours = {key: value for key, value in one.properties.items() if key not in ENGINES_OWN}
        one = replace(one, properties=ours)
    for keys, value in _leaves(one.properties):
        for kind, other in (("removed", DROPPED), ("unknown", UNKNOWN), *_others(value)):
            made = replace(one, properties=_with(one.properties, keys, other))
            what, _, inside = kind.partition(" in ")
            yield Mutant(".".join(filter(None, (_named(keys), inside))), what, made)
    for key, value in one.properties.items():
        if isinstance(value, Mapping | list):
            for kind, other in (("removed", DROPPED), ("unknown", UNKNOWN), ("emptied", type(value)())):
                yield Mutant(key, kind, replace(one, properties=_with(one.properties, (key,), other)))
    if one.protect and one.type in HOLDS_RECORDS:
        yield Mutant("protect", "flipped", replace(one, protect=False))


def _named(keys: Keys) -> str:
    return ".".join("*" if isinstance(key, int) else key for key in keys)


def _leaves(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*keys, key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*keys, index))
    elif keys and value not in ({}, []):
        yield keys, value


def _with(properties: Mapping[str, Any], keys: Keys, other: Any) -> dict[str, Any]:
    made: Any = copy.deepcopy(dict(properties))
    place = made
    for key in keys[:-1]:
        place = place[key]
    if other is DROPPED:
        del place[keys[-1]]
    else:
        place[keys[-1]] = other
    return dict(made)


def _others(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, bool):
        yield "flipped", not value
    elif isinstance(value, int | float):
        yield "nothing", 0
        yield "tenfold", value * 10 or 1000
        yield "halved", value // 2
    elif isinstance(value, str):
        yield from _texts(value)


def _texts(text: str) -> Iterator[tuple[str, str]]:
    """Another word, and what a document or a block of addresses says when it is opened."""
    yield "other", "another"
    if text.count("/") == 1 and text.count(".") == 3 and text.replace(".", "").replace("/", "").isdigit():
        for world in WORLDS:
            if text != world:
                yield "world", world
    if text.startswith("{") and (found := _statements(text)) is not None:
        for kind, document in _widened(found):
            yield kind, json.dumps(document)
    if text.startswith("["):
        containers = [one for one in json.loads(text) if isinstance(one, dict)]
        for index, container in enumerate(containers):
            for keys, kind, other in _of_document(container):
                made = _replaced(json.loads(text), (index, *keys), other)
                yield f"{kind} in {_named(keys)}", json.dumps(made)


def _statements(text: str) -> dict[str, Any] | None:
    found = json.loads(text)
    return found if isinstance(found, dict) and isinstance(found.get("Statement"), list) else None


def _widened(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, statement in enumerate(document["Statement"]):
        for kind, wider in _wider(statement):
            statements: Sequence[Any] = [*document["Statement"]]
            yield kind, {**document, "Statement": [*statements[:index], wider, *statements[index + 1 :]]}


def _wider(statement: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if statement.get("Effect") == "Deny":
        return
    yield "any action", {**statement, "Action": "*"}
    service = str(statement["Action"] if isinstance(statement["Action"], str) else statement["Action"][0])
    yield "any action of the service", {**statement, "Action": service.split(":")[0] + ":*"}
    if "Principal" in statement:
        yield "anybody", {**statement, "Principal": "*"}
        yield "another account", {**statement, "Principal": {"AWS": "arn:aws:iam::999999999999:root"}}
    elif statement.get("Resource") not in ("*", ["*"]):
        yield "any resource", {**statement, "Resource": "*"}
    if "Condition" in statement:
        yield "no condition", {key: part for key, part in statement.items() if key != "Condition"}


def _of_document(container: Mapping[str, Any]) -> Iterator[tuple[Keys, str, Any]]:
    for keys, value in _leaves(container):
        yield keys, "removed", DROPPED
        for kind, other in _others(value):
            yield keys, kind, other
    yield ("environment",), "added", [{"name": "DATABASE_PASSWORD", "value": "in-clear"}]


def _replaced(document: Any, keys: Keys, other: Any) -> Any:
    place = document
    for key in keys[:-1]:
        place = place[key]
    if other is DROPPED:
        del place[keys[-1]]
    else:
        place[keys[-1]] = other
    return document
