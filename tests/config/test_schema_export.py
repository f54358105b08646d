"""Editors are told what the reader accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.desired import DesiredState
from config.schema_export import export

ROOT = Path(__file__).resolve().parents[2]
EXPORTED = export()


def as_json(value: Any) -> Any:
    """A typed value as an editor sees it: decimals are numbers."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: as_json(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    return value


def schema_of(file: str) -> str:
    folder, _, name = file.removeprefix("config/").removesuffix(".yaml").rpartition("/")
    return "environment.json" if folder == "environments" else f"{name}.json"


@pytest.mark.parametrize("name", sorted(EXPORTED))
def test_schema_is_valid_and_committed(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(EXPORTED[name]))
    assert (ROOT / "config" / "schema" / name).read_text() == EXPORTED[name], "run `make generate`"


def test_no_other_schema_is_committed() -> None:
    assert {path.name for path in (ROOT / "config" / "schema").iterdir()} == set(EXPORTED)


def test_every_document_fits_its_schema_and_names_it(desired: DesiredState) -> None:
    for file, document in desired.documents.items():
        name = schema_of(file)
        value = as_json(document.value)
        assert list(Draft202012Validator(json.loads(EXPORTED[name])).iter_errors(value)) == []
        up = "../" * (file.count("/") - 1)
        assert document.text.endswith(f"\n# yaml-language-server: $schema={up}schema/{name}\n"), file


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("limits", "max_order_value"), 25_001.0, "25001.0 is greater than the maximum of 25000"),
        (("limits", "max_order_value"), "5.0", "'5.0' is not of type 'number'"),
        (("venue", "mode"), "real", "'real' is not one of ['backtest', 'paper', 'shadow', 'live']"),
        (("environment",), "Dev", "'Dev' does not match '^(?:[a-z][a-z0-9-]{0,30})$'"),
        (("schema",), 2, "1 was expected"),
        (("limits", "more"), 1, "Additional properties are not allowed ('more' was unexpected)"),
    ],
)
def test_editor_marks_what_is_refused(
    desired: DesiredState, path: tuple[str, ...], value: Any, said: str
) -> None:
    document = as_json(desired.environments["dev"])
    parent = document
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    errors = Draft202012Validator(json.loads(EXPORTED["environment.json"])).iter_errors(document)
    assert [error.message for error in errors] == [said]


def test_description_tells_unit_direction_and_cap() -> None:
    schema = json.loads(EXPORTED["environment.json"])
    said = schema["$defs"]["Limits"]["properties"]["max_order_value"]["description"]
    assert said == "notional of one order (in account currency; safer when lower; never above 25000.0)"
