"""What cerberus would let through is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from config.closed_schema import Breach, OpenSchemaError, breaches

SCHEMA = {
    "name": {"type": "string", "regex": "[a-z]+"},
    "count": {"type": "integer", "min": 1},
    "share": {"type": "decimal", "max": Decimal(1)},
    "items": {"type": "list", "schema": {"type": "dict", "schema": {"on": {"type": "boolean"}}}},
}
GOOD: dict[str, Any] = {"name": "a", "count": 1, "share": Decimal("0.5"), "items": [{"on": True}]}


def test_good_value_has_no_breach() -> None:
    assert breaches(SCHEMA, GOOD) == []


@pytest.mark.parametrize(
    ("key", "value", "breach"),
    [
        ("name", "a\n", Breach(("name",), "`name` does not fit its grammar `[a-z]+`")),
        ("name", None, Breach(("name",), "`name` must not be null")),
        ("name", 1, Breach(("name",), "`name` must be of type string")),
        ("count", True, Breach(("count",), "`count` must be of type integer")),
        ("count", Decimal(1), Breach(("count",), "`count` must be of type integer")),
        ("count", 0, Breach(("count",), "`count` breaks the rule `min: 1`")),
        ("share", 0.5, Breach(("share",), "`share` must be of type decimal")),
        ("share", float("nan"), Breach(("share",), "`share` must be of type decimal")),
        ("items", ({"on": True},), Breach(("items",), "`items` must be of type list")),
        ("items", [{"on": 1}], Breach(("items", 0, "on"), "`on` must be of type boolean")),
        ("items", [{}], Breach(("items", 0, "on"), "missing key `on`")),
        ("items", [{"on": True, "off": 1}], Breach(("items", 0, "off"), "unknown key `off`")),
    ],
)
def test_leniency_of_cerberus_is_gone(key: str, value: Any, breach: Breach) -> None:
    assert breaches(SCHEMA, {**GOOD, key: value}) == [breach]


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"min": 1},
        {"type": "list"},
        {"type": "dict"},
        {"type": "string", "coerce": str},
        {"type": "string", "default": "a"},
    ],
)
def test_open_schema_is_refused_itself(rules: dict[str, Any]) -> None:
    with pytest.raises(OpenSchemaError):
        breaches({"name": rules}, {"name": "a"})


def test_value_that_is_no_mapping_is_a_breach() -> None:
    assert breaches(SCHEMA, []) == [Breach((), "expected keys and values")]
