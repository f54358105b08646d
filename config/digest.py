"""Canonical bytes and what is made of them: digests and hash chains.

Two values that are equal have the same bytes; a float is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any


def plain(value: Any) -> Any:
    """A typed value as JSON can carry it: sections as objects, tuples as lists, decimals as text."""
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"a {type(value).__name__} has no canonical form")


def decimal_text(value: Decimal) -> str:
    """The shortest text of a decimal that still has a point: equal decimals have equal texts."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    text = format(value, "f")
    if "." not in text:
        return f"{text}.0" if value else "0.0"
    text = text.rstrip("0")
    text = f"{text}0" if text.endswith(".") else text
    return text if value else "0.0"


def canonical(value: Any) -> bytes:
    """The bytes of a plain value (RFC 8785, decimals already as text)."""
    import rfc8785

    _refuse_floats(value)
    return rfc8785.dumps(value)


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a float has no place in canonical bytes")
    if isinstance(value, Mapping):
        for entry in value.values():
            _refuse_floats(entry)
    elif isinstance(value, (tuple, list)):
        for item in value:
            _refuse_floats(item)


def sha256_hex(data: bytes) -> str:
    """The digest of bytes."""
    return hashlib.sha256(data).hexdigest()


def chain(prev_hex: str, payload: bytes) -> str:
    """The next link of a hash chain: bound to the link before it and to the payload."""
    if len(prev_hex) != 64:
        raise ValueError("a link is 64 hexadecimal digits")
    return sha256_hex(bytes.fromhex(prev_hex) + payload)
