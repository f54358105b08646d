"""Cerberus without its leniencies: nothing converted, nothing ignored, a truth value is no number.

Imports cerberus only when something is to be judged; a schema that leaves a type open is itself refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, ClassVar, Final

from config.document import KeyPath
from config.reading.problem import clip
from config.record import record

RULES: Final = frozenset(
    {"type", "allowed", "schema", "regex", "min", "max", "minlength", "maxlength", "nullable", "required"}
)
"""Rules a schema may use; cerberus skips the others, or changes values by them."""


@record
class Breach:
    """One thing wrong with a plain value, and where."""

    path: KeyPath
    message: str


class OpenSchemaError(ValueError):
    """A schema that cerberus would read leniently."""


def breaches(schema: Mapping[str, Any], plain: Any) -> list[Breach]:
    """Everything wrong with `plain`; keys are required unless the schema says otherwise."""
    for name, rules in schema.items():
        _require_closed(name, rules)
    if not isinstance(plain, dict):
        return [Breach((), "expected keys and values")]
    validator = _validator_class()(schema, allow_unknown=False, require_all=True)
    if validator.validate(plain, normalize=False):
        return []
    return [Breach(tuple(error.document_path), _said(error)) for error in _leaves(validator._errors)]


def _require_closed(name: str, rules: Mapping[str, Any]) -> None:
    if "type" not in rules:
        raise OpenSchemaError(f"`{name}` has no type, and cerberus skips rules that do not fit a value")
    if not rules.keys() <= RULES:
        raise OpenSchemaError(f"`{name}` uses {', '.join(sorted(rules.keys() - RULES))}, which is not closed")
    below = rules.get("schema")
    if (rules["type"] == "dict" and below is None) or (rules["type"] == "list" and below is None):
        raise OpenSchemaError(f"`{name}` does not say what it holds")
    if rules["type"] == "dict":
        for inner_name, inner in rules["schema"].items():
            _require_closed(inner_name, inner)
    elif rules["type"] == "list":
        _require_closed(f"{name}.*", rules["schema"])


@cache
def _validator_class() -> Any:
    from decimal import Decimal

    from cerberus import TypeDefinition, Validator

    class Closed(Validator):  # type: ignore[misc]
        """Whole numbers without truth values, decimals without floats, texts matched to their end."""

        types_mapping: ClassVar[dict[str, Any]] = {
            "string": TypeDefinition("string", (str,), ()),
            "boolean": TypeDefinition("boolean", (bool,), ()),
            "integer": TypeDefinition("integer", (int,), (bool,)),
            "decimal": TypeDefinition("decimal", (Decimal,), ()),
            "list": TypeDefinition("list", (list,), ()),
            "dict": TypeDefinition("dict", (dict,), ()),
        }

        def _validate_regex(self, pattern: str, field: str, value: Any) -> None:
            """{'type': 'string'}"""
            import re

            from cerberus import errors

            if isinstance(value, str) and not re.fullmatch(pattern, value):
                self._error(field, errors.REGEX_MISMATCH)

    return Closed


def _leaves(found: Iterable[Any]) -> Iterator[Any]:
    for error in found:
        if error.is_group_error:
            yield from _leaves(error.child_errors)
        else:
            yield error


def _said(error: Any) -> str:
    name = error.document_path[-1]
    if error.rule is None:
        return f"unknown key `{clip(str(name))}`"
    said = {
        "required": f"missing key `{name}`",
        "type": f"`{name}` must be of type {error.constraint}",
        "nullable": f"`{name}` must not be null",
        "regex": f"`{name}` does not fit its grammar `{error.constraint}`",
    }
    return said.get(error.rule) or f"`{name}` breaks the rule `{error.rule}: {error.constraint}`"
