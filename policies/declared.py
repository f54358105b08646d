"""Declarative rules: a closed cerberus schema over keys of an environment, in a file of its own, no Python needed.

cerberus itself stays out of a run: the few rules a body may use are applied here, and a test holds both to one answer.
A broken file is refused with its place; a body must say type and `required: true` of every key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any, get_args

from config.document import Document
from config.findings import Finding, Refused, Severity, sort_findings
from config.models.environment import Environment
from config.record import record
from config.schema_walk import ANY, FieldSpec, fields_of
from config.tree import Blob, blob_id
from policies.inputs import MISSING, Hit, Path, State
from policies.paths import covers, dotted
from policies.rule import ALL_TIERS, Meta, Sample, Scope

TYPES: dict[str, tuple[type, ...]] = {
    "decimal": (Decimal,),
    "integer": (int,),
    "boolean": (bool,),
    "string": (str,),
}
_ORDERED = ("decimal", "integer")
_KEYS = ("schema", "id", "severity", "tiers", "title", "fix", "source", "why", "body", "valid", "invalid")
_TEXTS = ("id", "severity", "title", "fix", "source", "why")
_BODY: dict[str, Callable[[str, Any], bool]] = {
    "type": lambda type_, value: value in TYPES,
    "required": lambda type_, value: value is True,
    "min": lambda type_, value: type_ in _ORDERED and _is(type_, value),
    "max": lambda type_, value: type_ in _ORDERED and _is(type_, value),
    "allowed": lambda type_, value: (
        isinstance(value, list) and bool(value) and all(_is(type_, one) for one in value)
    ),
    "regex": lambda type_, value: type_ == "string" and isinstance(value, str),
    "minlength": lambda type_, value: type_ == "string" and _is("integer", value),
    "maxlength": lambda type_, value: type_ == "string" and _is("integer", value),
}
"""The meta-schema of a body: each rule it may use, and what its constraint must be."""


@record
class Declared:
    """A rule read from a file; judges like any other."""

    META: Meta
    VALID: tuple[Sample, ...]
    INVALID: tuple[Sample, ...]
    body: Mapping[str, Mapping[str, Any]]
    why: str

    def judge(self, state: State) -> Iterator[Hit]:
        """Every key whose value breaks its part of the body."""
        for pattern, wanted in self.body.items():
            for path in _matching(pattern, state):
                for said in breaks(state.leaves[path], wanted):
                    yield Hit(path, f"`{dotted(path)}` {said}")


def _matching(pattern: str, state: State) -> list[Path]:
    words = tuple(pattern.split("."))
    if not any(word == ANY or word.isdigit() for word in words):
        return [words] if words in state.leaves else []
    return [path for path in state.leaves if len(path) == len(words) and covers(words, path)]


def breaks(value: object, wanted: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one value; a missing one, null, another type and NaN always are."""
    if value is MISSING or value is None:
        yield "is missing" if value is MISSING else "must not be null"
    elif not _is(wanted["type"], value):
        yield f"must be of type {wanted['type']}"
    else:
        yield from _out_of_bounds(value, wanted)


def _is(type_: str, value: object) -> bool:
    if isinstance(value, bool) and type_ != "boolean":
        return False
    return isinstance(value, TYPES[type_]) and not (isinstance(value, Decimal) and not value.is_finite())


def _out_of_bounds(value: Any, wanted: Mapping[str, Any]) -> Iterator[str]:
    if "min" in wanted and value < wanted["min"]:
        yield f"is {value}, below {wanted['min']}"
    if "max" in wanted and value > wanted["max"]:
        yield f"is {value}, above {wanted['max']}"
    if "allowed" in wanted and value not in wanted["allowed"]:
        yield f"is {value}, not one of {', '.join(map(str, wanted['allowed']))}"
    if "regex" in wanted and not re.fullmatch(wanted["regex"], value):
        yield f"is {value}, which does not fit `{wanted['regex']}`"
    if len(str(value)) < wanted.get("minlength", 0):
        yield f"is shorter than {wanted['minlength']}"
    if "maxlength" in wanted and len(value) > wanted["maxlength"]:
        yield f"is longer than {wanted['maxlength']}"


def load_declared(file: FilePath, shown_as: str) -> Declared | Refused:
    """The rule in a file, or every reason why it is none."""
    from config.reading.read import read_with
    from config.reading.records import plain_of

    data = file.read_bytes()
    document = read_with(shown_as, Blob(data, "100644", blob_id(data)), plain_of)
    if isinstance(document, Refused):
        return document
    found = sort_findings(list(_faults(document)))
    return Refused(found) if found else _made(document.value, file.stem)


def _made(plain: Mapping[str, Any], slug: str) -> Declared:
    meta = Meta(
        id=plain["id"],
        slug=slug,
        severity=Severity(plain["severity"]),
        scope=Scope.STATE,
        tiers=tuple(plain["tiers"]),
        title=plain["title"],
        fix=plain["fix"],
        reads=tuple(plain["body"]),
        source=plain["source"],
    )
    valid, invalid = (tuple(map(_sample, plain[name])) for name in ("valid", "invalid"))
    return Declared(meta, valid, invalid, plain["body"], plain["why"])


def _sample(plain: Mapping[str, Any]) -> Sample:
    return Sample(says=plain["says"], tier=plain["tier"], edits=plain.get("edits", {}))


def _faults(document: Document[Any]) -> Iterator[Finding]:
    plain = document.value
    for name in _KEYS:
        if name not in plain:
            yield _fault(document, (), f"missing key `{name}`")
    for name in plain:
        if name not in _KEYS:
            yield _fault(document, (name,), f"unknown key `{name}`")
    if any(name not in plain for name in _KEYS):
        return
    for name in _TEXTS:
        if not isinstance(plain[name], str) or not plain[name]:
            yield _fault(document, (name,), f"`{name}` must be a text")
    if plain["severity"] not in [one.value for one in Severity]:
        yield _fault(document, ("severity",), f"`{plain['severity']}` is no severity")
    if (
        not isinstance(plain["tiers"], list)
        or not plain["tiers"]
        or not set(plain["tiers"]) <= set(ALL_TIERS)
    ):
        yield _fault(document, ("tiers",), f"tiers are some of {', '.join(ALL_TIERS)}")
    yield from _faults_of_body(document, plain["body"])
    yield from _faults_of_samples(document, plain)


def _faults_of_body(document: Document[Any], body: object) -> Iterator[Finding]:
    if not isinstance(body, dict) or not body:
        yield _fault(document, ("body",), "the body names at least one key")
        return
    specs = fields_of(Environment)
    for pattern, wanted in body.items():
        place = ("body", pattern)
        spec = next((one for one in specs if one.path_pattern == tuple(pattern.split("."))), None)
        if spec is None:
            yield _fault(document, place, f"no environment has a key `{pattern}`")
        elif not isinstance(wanted, dict) or wanted.get("type") not in TYPES:
            yield _fault(document, place, f"`{pattern}` needs a type: one of {', '.join(TYPES)}")
        elif wanted.get("required") is not True:
            yield _fault(document, place, f"`{pattern}` needs `required: true`: absence must never pass")
        else:
            yield from _faults_of_key(document, pattern, wanted, spec)


def _faults_of_key(
    document: Document[Any], pattern: str, wanted: Mapping[str, Any], spec: FieldSpec
) -> Iterator[Finding]:
    parts = get_args(spec.type) or (spec.type,)
    choices = [part for part in parts if isinstance(part, str)]
    if not choices and not set(TYPES[wanted["type"]]) & set(parts):
        yield _fault(document, ("body", pattern, "type"), f"`{pattern}` is never of type {wanted['type']}")
    for rule, constraint in wanted.items():
        place = ("body", pattern, rule)
        if rule not in _BODY:
            yield _fault(document, place, f"unknown rule `{rule}`; a body may use {', '.join(_BODY)}")
        elif not _BODY[rule](wanted["type"], constraint):
            yield _fault(document, place, f"`{rule}` does not take this constraint for type {wanted['type']}")
        elif rule == "allowed" and choices and not set(constraint) <= set(choices):
            never = ", ".join(sorted(set(constraint) - set(choices)))
            yield _fault(document, place, f"`{pattern}` can never be {never}")
    if len(wanted) == 2:
        yield _fault(document, ("body", pattern), f"`{pattern}` is bounded by nothing")


def _faults_of_samples(document: Document[Any], plain: Mapping[str, Any]) -> Iterator[Finding]:
    for name in ("valid", "invalid"):
        samples = plain[name]
        if not isinstance(samples, list) or not samples:
            yield _fault(document, (name,), f"`{name}` holds at least one sample")
            continue
        for at, sample in enumerate(samples):
            is_sample = isinstance(sample, dict) and {"says", "tier"} <= sample.keys() <= {
                "says",
                "tier",
                "edits",
            }
            if not is_sample or sample["tier"] not in ALL_TIERS:
                yield _fault(document, (name, at), "a sample says what it is, its tier, and its edits")


def _fault(document: Document[Any], path: tuple[str | int, ...], message: str) -> Finding:
    way_out = "see CONTRIBUTING, `add a rule`: a declarative rule is a closed schema with samples"
    return Finding("PRF009", Severity.ERROR, document.places.at(path), message, way_out, dotted(path))
