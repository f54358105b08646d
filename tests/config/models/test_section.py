"""A section behaves as a frozen, keyword-only dataclass, to Python and to pydantic."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from config.models.nature import neutral
from config.models.section import section, with_field


@section
class Inner:
    """One field."""

    name: Annotated[str, neutral("name", why="identity")]


@section
class Outer:
    """Some fields."""

    most: Annotated[Decimal, neutral("most", why="test")]
    inner: Inner
    parts: Annotated[Mapping[str, int], neutral("parts", why="test")]


VALUE = Outer(most=Decimal("5.0"), inner=Inner(name="a"), parts={"x": 1})


def test_section_is_a_frozen_dataclass() -> None:
    assert is_dataclass(Outer)
    assert [field.name for field in fields(Outer)] == ["most", "inner", "parts"]
    assert Outer.__dataclass_params__.frozen  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError):
        VALUE.most = Decimal(6)  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del VALUE.most
    with pytest.raises(FrozenInstanceError):
        VALUE.other = 1  # type: ignore[attr-defined]


def test_sections_are_compared_by_type_and_value() -> None:
    assert replace(VALUE, most=Decimal("5.00")) == VALUE
    assert replace(VALUE, inner=Inner(name="b")) != VALUE
    assert Inner(name="a") != VALUE.most
    assert hash(Inner(name="a")) == hash(Inner(name="a"))
    assert repr(Inner(name="a")) == "Inner(name='a')"


@pytest.mark.parametrize("values", [{}, {"nam": "a"}, {"name": "a", "more": 1}])
def test_section_takes_exactly_its_fields(values: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="missing or unknown"):
        Inner(**values)
    with pytest.raises(TypeError):
        Inner("a")  # type: ignore[call-arg]


def test_copy_differs_in_one_field() -> None:
    assert with_field(VALUE, "most", Decimal(7)) == replace(VALUE, most=Decimal(7))
    assert with_field(VALUE.inner, "name", "b") == Inner(name="b")
    assert VALUE.most == Decimal("5.0")
    with pytest.raises(KeyError):
        with_field(VALUE, "nothing", 1)


def test_section_can_be_copied() -> None:
    assert copy.copy(VALUE) == copy.deepcopy(VALUE) == VALUE


def test_pydantic_reads_sections_strictly() -> None:
    adapter = TypeAdapter(Outer)
    text = '{"most": "5.0", "inner": {"name": "a"}, "parts": {"x": 1}}'
    assert adapter.validate_json(text, strict=True) == VALUE
    for wrong in ('"x": 1}}', '"x": "1"}}', '"x": true}}'):
        changed = text.replace('"x": 1}}', wrong.replace('"x": 1}}', '"x": 1}, "more": 1}'))
        with pytest.raises(ValidationError):
            adapter.validate_json(changed, strict=True)
    made: Any = adapter.validate_json(text)
    with pytest.raises(FrozenInstanceError):
        made.most = 1
