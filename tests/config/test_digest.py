"""Equal values have equal bytes; what has no exact form has none."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from config.desired import DesiredState
from config.digest import canonical, chain, decimal_text, plain, sha256_hex


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5", "5.0"),
        ("5.0", "5.0"),
        ("5.00", "5.0"),
        ("0.90", "0.9"),
        ("100", "100.0"),
        ("1E+3", "1000.0"),
        ("1E-7", "0.0000001"),
        ("0", "0.0"),
        ("-0.0", "0.0"),
        ("-1.50", "-1.5"),
        ("123456789012345.1234567890123", "123456789012345.1234567890123"),
    ],
)
def test_decimal_has_one_text(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text
    assert Decimal(text) == Decimal(value)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_number_that_is_none_has_no_text(value: str) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        decimal_text(Decimal(value))


def test_plain_value_is_json(desired: DesiredState) -> None:
    found = plain(desired.environments["dev"])
    assert found["limits"]["max_order_value"] == "5000.0"
    assert found["flags"]["paper_trading_enabled"]["accounts"] == ["ACCT-DEV-1"]
    assert found["database"]["live_schema"] is None
    assert plain(MappingProxyType({"a": (1, True)})) == {"a": [1, True]}


@pytest.mark.parametrize("value", [0.5, {1, 2}, b"x", object(), {"a": [0.5]}])
def test_value_without_exact_form_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError):
        plain(value)


def test_canonical_bytes_do_not_depend_on_order() -> None:
    assert canonical({"b": 1, "a": [None, True, "é"]}) == '{"a":[null,true,"é"],"b":1}'.encode()


@pytest.mark.parametrize("value", [0.5, {"a": [1.0]}, float("nan")])
def test_float_has_no_canonical_bytes(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_chain_binds_link_and_payload() -> None:
    first = chain("0" * 64, b"a")
    assert first == sha256_hex(bytes(32) + b"a")
    assert len({first, chain("0" * 64, b"b"), chain(first, b"a")}) == 3
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        chain("0", b"a")
