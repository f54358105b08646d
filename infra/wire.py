"""Property values as Pulumi's engine sends them, turned into plain values and back.

Secrets keep their wrapper and unknowns their marker: nobody downstream mistakes one for a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown(Enum):
    """The one value of what the cloud decides later."""

    UNKNOWN = UNKNOWN_TEXT

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Secret:
    """A value nobody may print; its text form hides it."""

    value: Any

    def __repr__(self) -> str:
        return "(secret)"


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The plain mapping of a protobuf struct."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _from_object(from_struct(value.struct_value))
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
    return value.bool_value if kind == "bool_value" else None


def _from_object(found: dict[str, Any]) -> Any:
    signature = found.get(SIGNATURE)
    if signature == SECRET:
        return Secret(found.get("value"))
    if signature == OUTPUT:
        inner = found.get("value", UNKNOWN)
        return Secret(inner) if found.get("secret") else inner
    return found


def to_struct(plain: Mapping[str, Any]) -> struct_pb2.Struct:
    """The protobuf struct of a plain mapping."""
    return struct_pb2.Struct(fields={key: _to_value(value) for key, value in plain.items()})


def _to_value(value: Any) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=UNKNOWN_TEXT)
    if isinstance(value, Secret):
        return struct_pb2.Value(struct_value=to_struct({SIGNATURE: SECRET, "value": value.value}))
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=to_struct(value))
    return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_to_value(item) for item in value]))
