"""Plain checks and pydantic read the same declaration and agree on every value."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from config.desired import DesiredState
from config.digest import plain
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.schema_walk import fields_of, replace_at, walk

ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {
    cls: TypeAdapter(cls) for cls in (Environment, *get_type_hints(Catalogue).values())
}


def typed(value: Any) -> Any:
    return ADAPTERS[type(value)].validate_json(json.dumps(plain(value)), strict=True)


def sections(desired: DesiredState) -> list[Any]:
    parts = [getattr(desired.catalogue, name) for name in get_type_hints(Catalogue)]
    return [*desired.environments.values(), *parts]


def test_every_document_is_the_same_to_both(desired: DesiredState) -> None:
    for value in sections(desired):
        again = typed(value)
        assert again == value
        assert [(path, leaf, type(leaf)) for path, leaf, _ in walk(again)] == [
            (path, leaf, type(leaf)) for path, leaf, _ in walk(value)
        ]


@pytest.mark.parametrize("wrong", [[], {}, 1.5, {"a": 1}, ["x", 1]])
def test_both_refuse_a_leaf_of_another_type(desired: DesiredState, wrong: Any) -> None:
    value = desired.environments["dev"]
    for path, leaf, spec in walk(value):
        if isinstance(leaf, tuple) and wrong == []:
            continue
        if "Decimal" in str(spec.type) and wrong == 1.5:
            continue  # pydantic takes a JSON number for a decimal; canonical bytes hold none
        document = plain(value)
        parent: Any = document
        for step in path[:-1]:
            parent = parent[step]
        parent[path[-1]] = wrong
        with pytest.raises(ValidationError):
            ADAPTERS[Environment].validate_json(json.dumps(document), strict=True)


def test_both_refuse_unknown_and_missing_keys(desired: DesiredState) -> None:
    document = plain(desired.environments["dev"])
    for changed in (
        {**document, "more": 1},
        {name: part for name, part in document.items() if name != "limits"},
        {**document, "venue": {**document["venue"], "more": 1}},
    ):
        with pytest.raises(ValidationError):
            ADAPTERS[Environment].validate_json(json.dumps(changed), strict=True)


def test_changed_leaf_of_its_type_is_taken_by_both(desired: DesiredState) -> None:
    value = desired.environments["dev"]
    for path, leaf, _ in walk(value):
        other: Any = leaf
        if isinstance(leaf, bool):
            other = not leaf
        elif isinstance(leaf, int | Decimal):
            other = leaf + type(leaf)("1")
        changed = replace_at(value, path, other)
        assert typed(changed) == changed


def test_every_field_of_the_models_is_walked() -> None:
    def leaves(schema: dict[str, Any], definitions: dict[str, Any]) -> int:
        if "$ref" in schema:
            schema = definitions[schema["$ref"].rsplit("/", 1)[-1]]
        if "properties" in schema:
            return sum(leaves(below, definitions) for below in schema["properties"].values())
        for many in ("additionalProperties", "items"):
            below = schema.get(many)
            if isinstance(below, dict) and ("$ref" in below or many == "additionalProperties"):
                return leaves(below, definitions)
        return 1

    for cls, adapter in ADAPTERS.items():
        schema = adapter.json_schema()
        assert leaves(schema, schema.get("$defs", {})) == len(fields_of(cls))
