"""JSON Schemas for editors, made from the same models the reader uses; descriptions, units and caps included.

Helps while typing and decides nothing: the reader alone says what is accepted.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.models.nature import Nature, Safe
from config.models.version import SCHEMA
from config.reading.records import RELEASES

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DIRECTIONS: Final = {
    Safe.LOWER: "safer when lower",
    Safe.HIGHER: "safer when higher",
    Safe.TRUE: "safe when true",
    Safe.FALSE: "safe when false",
    Safe.SHRINK: "safer the fewer it holds",
    Safe.GROW: "safer the more it holds",
}


def export() -> Mapping[str, str]:
    """The text of each schema by file name."""
    sections = {"environment": Environment, **get_type_hints(Catalogue)}
    texts = {f"{name}.json": _text(_schema(cls)) for name, cls in sections.items()}
    texts["releases.json"] = _text(_record("releases of a kill", RELEASES))
    return texts


def _text(schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": DIALECT, **schema}, indent=2, ensure_ascii=False) + "\n"


def _schema(cls: type[Any]) -> dict[str, Any]:
    from pydantic import TypeAdapter

    schema = TypeAdapter(cls).json_schema()
    _strip_titles(schema)
    for section in _sections(cls):
        target = schema if section is cls else schema["$defs"][section.__name__]
        hints = get_type_hints(section, include_extras=True)
        for field in fields(section):
            _enrich(target["properties"][field.name], hints[field.name])
    schema["properties"]["schema"] |= {"const": SCHEMA}
    return schema


def _strip_titles(schema: Any) -> None:
    if isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            del schema["title"]
        for child in schema.values():
            _strip_titles(child)
    elif isinstance(schema, list):
        for child in schema:
            _strip_titles(child)


def _sections(cls: type[Any]) -> list[type[Any]]:
    found: list[type[Any]] = []
    waiting: list[Any] = [cls]
    while waiting:
        annotation = waiting.pop()
        if isinstance(annotation, type) and is_dataclass(annotation) and annotation not in found:
            found.append(annotation)
            waiting.extend(get_type_hints(annotation, include_extras=True).values())
        waiting.extend(get_args(annotation) if get_origin(annotation) is not None else ())
    return found


def _enrich(target: dict[str, Any], annotation: Any) -> None:
    if get_origin(annotation) is not Annotated:
        return
    inner, *extras = get_args(annotation)
    nature = next((extra for extra in extras if isinstance(extra, Nature)), None)
    if nature is None:
        return
    _enrich_type(target, inner, nature)
    target["description"] = _describe(nature)


def _enrich_type(target: dict[str, Any], annotation: Any, nature: Nature) -> None:
    origin = get_origin(annotation)
    if annotation is Decimal:
        target.pop("anyOf", None)
        target.update({"type": "number", **_bounds(nature)})
    elif annotation is int:
        target.update(_bounds(nature))
    elif annotation is str:
        target.update(_pattern(nature))
    elif origin in (Union, types.UnionType):
        target["anyOf"] = [_member(member, nature) for member in get_args(annotation)]
    elif origin is tuple and not is_dataclass(get_args(annotation)[0]):
        _enrich_type(target["items"], get_args(annotation)[0], nature)
    elif origin is Mapping:
        target["propertyNames"] = _pattern(nature)
        if not is_dataclass(get_args(annotation)[1]):
            _enrich_type(target["additionalProperties"], get_args(annotation)[1], nature)


def _member(member: Any, nature: Nature) -> dict[str, Any]:
    words = {types.NoneType: "null", int: "integer", Decimal: "number", str: "string"}
    found = {"type": words[member]}
    _enrich_type(found, member, nature)
    return found


def _bounds(nature: Nature) -> dict[str, Any]:
    if nature.cap is None:
        return {}
    cap = int(nature.cap) if nature.cap == int(nature.cap) else float(nature.cap)
    return {"maximum" if nature.safe is Safe.LOWER else "minimum": cap}


def _pattern(nature: Nature) -> dict[str, Any]:
    return {"pattern": f"^(?:{nature.grammar})$"} if nature.grammar else {"minLength": 1}


def _describe(nature: Nature) -> str:
    order = " < ".join(nature.order)
    cap = (
        ""
        if nature.cap is None
        else f"never {'above' if nature.safe is Safe.LOWER else 'below'} {nature.cap}"
    )
    facts = (
        f"in {nature.unit}" if nature.unit else "",
        f"from safest to riskiest: {order}" if order else _DIRECTIONS.get(nature.safe, ""),
        cap,
    )
    said = "; ".join(fact for fact in facts if fact)
    return f"{nature.says} ({said})" if said else nature.says


def _record(says: str, rules: Mapping[str, Any]) -> dict[str, Any]:
    names = list(rules)
    properties = {name: _rule(rule) for name, rule in rules.items()}
    properties["schema"] = {"const": SCHEMA}
    return {
        "description": says,
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": False,
    }


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    if rule["type"] == "dict":
        inner = {name: _rule(below) for name, below in rule["schema"].items()}
        return {"type": "object", "properties": inner, "required": list(inner), "additionalProperties": False}
    if rule["type"] == "list":
        return {"type": "array", "items": _rule(rule["schema"])}
    found: dict[str, Any] = {"type": rule["type"]}
    if rule.get("nullable"):
        found["type"] = [rule["type"], "null"]
    if "regex" in rule:
        found["pattern"] = f"^(?:{rule['regex']})$"
    words = {"min": "minimum", "max": "maximum", "minlength": "minLength", "maxlength": "maxLength"}
    return found | {words[key]: value for key, value in rule.items() if key in words}
