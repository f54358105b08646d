"""Declarative rules: a closed cerberus schema over keys of an environment, in a file of its own, no Python needed.

cerberus itself stays out of a run: the few rules a body may use are applied here, and a test holds both to one answer.
A broken file is refused with its place; a body must say type and `required: true` of every key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any, get_args, get_origin

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
_ID = re.compile(r"(?:CFG|LIM|FLG|ROL|CAL|ALR|PAR|VEN|INF|SEC|GIT|WAV|EVD)[0-9]{3}")
_ORDERED = ("decimal", "integer")
_KEYS = ("schema", "id", "severity", "tiers", "title", "fix", "source", "why", "body", "valid", "invalid")
_TEXTS = ("id", "severity", "title", "fix", "source", "why")
_BODY: dict[str, Callable[[str, Any], bool]] = {
    "type": lambda type_, value: value in TYPES,
    "required": lambda type_, value: value is True,
    "min": lambda type_, value: type_ in _ORDERED and _is(type_, value),
    "max": lambda type_, value: type_ in _ORDERED and _is(type_, value),
    "allowed": lambda type_, value: (
        isinstance(value, list) and all(_is(type_, one) for one in value) and 0 < len({*value}) == len(value)
    ),
    "regex": lambda type_, value: type_ == "string" and isinstance(value, str) and _compiles(value),
    "minlength": lambda type_, value: type_ == "string" and _is("integer", value) and value > 0,
    "maxlength": lambda type_, value: type_ == "string" and _is("integer", value) and value > 0,
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


def _compiles(form: str) -> bool:
    try:
        re.compile(form)
    except re.error:
        return False
    return bool(form)


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
    if not isinstance(plain, dict):
        yield _fault(document, (), "a rule is keys and values")
        return
    yield from (_fault(document, (), f"missing key `{name}`") for name in _KEYS if name not in plain)
    yield from (_fault(document, (name,), f"unknown key `{name}`") for name in plain if name not in _KEYS)
    if any(name not in plain for name in _KEYS):
        return
    yield from _faults_of_head(document, plain)
    of_body = list(_faults_of_body(document, plain["body"]))
    of_samples = [
        one for name in ("valid", "invalid") for one in _faults_of_samples(document, plain[name], name, plain)
    ]
    yield from (*of_body, *of_samples)
    if not of_body and not of_samples:
        yield from _unbroken(document, plain)


def _faults_of_head(document: Document[Any], plain: Mapping[str, Any]) -> Iterator[Finding]:
    if type(plain["schema"]) is not int or plain["schema"] != 1:
        yield _fault(document, ("schema",), "`schema` must be the whole number 1")
    for name in _TEXTS:
        if not isinstance(plain[name], str) or not plain[name].strip():
            yield _fault(document, (name,), f"`{name}` must be a text")
    if not _ID.fullmatch(str(plain["id"])):
        yield _fault(document, ("id",), f"`{plain['id']}` is no id of a rule")
    if plain["severity"] == Severity.ERROR.value:
        yield _fault(
            document, ("severity",), "a hard rule is written in Python: the engine runs it without YAML"
        )
    elif plain["severity"] not in [one.value for one in Severity]:
        yield _fault(document, ("severity",), f"`{plain['severity']}` is no severity")
    tiers = plain["tiers"]
    if not isinstance(tiers, list) or not tiers or any(tier not in ALL_TIERS for tier in tiers):
        yield _fault(document, ("tiers",), f"tiers are some of {', '.join(ALL_TIERS)}")
    elif len(set(tiers)) < len(tiers):
        yield _fault(document, ("tiers",), "a tier stands twice")


def _faults_of_body(document: Document[Any], body: object) -> Iterator[Finding]:
    if not isinstance(body, dict) or not body:
        yield _fault(document, ("body",), "the body names at least one key")
        return
    specs = {dotted(spec.path_pattern): spec for spec in fields_of(Environment)}
    for pattern, wanted in body.items():
        place = ("body", pattern)
        if pattern not in specs:
            yield _fault(document, place, f"no environment has a key `{pattern}`")
        elif not isinstance(wanted, dict) or str(wanted.get("type")) not in TYPES:
            yield _fault(document, place, f"`{pattern}` needs a type: one of {', '.join(TYPES)}")
        elif wanted.get("required") is not True:
            yield _fault(document, place, f"`{pattern}` needs `required: true`: absence must never pass")
        else:
            yield from _faults_of_key(document, pattern, wanted, specs[pattern])


def _faults_of_key(
    document: Document[Any], pattern: str, wanted: Mapping[str, Any], spec: FieldSpec
) -> Iterator[Finding]:
    is_many = get_origin(spec.type) in (tuple, dict)
    parts = () if is_many else get_args(spec.type) or (spec.type,)
    choices = [part for part in parts if isinstance(part, str)]
    fits = wanted["type"] == "string" if choices else bool(set(TYPES[wanted["type"]]) & set(parts))
    if not fits:
        yield _fault(document, ("body", pattern, "type"), f"`{pattern}` is never of type {wanted['type']}")
        return
    broken = False
    for rule, constraint in wanted.items():
        place = ("body", pattern, rule)
        if rule not in _BODY:
            broken = True
            yield _fault(document, place, f"unknown rule `{rule}`; a body may use {', '.join(_BODY)}")
        elif not _BODY[rule](wanted["type"], constraint):
            broken = True
            yield _fault(document, place, f"`{rule}` does not take this constraint for type {wanted['type']}")
    if not broken:
        yield from _faults_of_bounds(document, pattern, wanted, choices)


def _faults_of_bounds(
    document: Document[Any], pattern: str, wanted: Mapping[str, Any], choices: list[str]
) -> Iterator[Finding]:
    """Bounds that nothing or everything passes."""
    place = ("body", pattern)
    if len(wanted) == 2:
        yield _fault(document, place, f"`{pattern}` is bounded by nothing")
    for low, high in (("min", "max"), ("minlength", "maxlength")):
        if low in wanted and high in wanted and wanted[low] > wanted[high]:
            yield _fault(document, (*place, high), f"`{high}` is below `{low}`, so nothing passes")
    never = sorted(set(wanted.get("allowed", ())) - set(choices)) if choices else []
    if never:
        yield _fault(document, (*place, "allowed"), f"`{pattern}` can never be {', '.join(never)}")
    if choices and "regex" in wanted and not any(re.fullmatch(wanted["regex"], one) for one in choices):
        yield _fault(document, (*place, "regex"), f"`{pattern}` can never fit this form")


def _faults_of_samples(
    document: Document[Any], samples: object, name: str, plain: Mapping[str, Any]
) -> Iterator[Finding]:
    if not isinstance(samples, list) or not samples:
        yield _fault(document, (name,), f"`{name}` holds at least one sample")
        return
    patterns = [spec.path_pattern for spec in fields_of(Environment)]
    judged = plain["tiers"] if isinstance(plain["tiers"], list) and name == "invalid" else ALL_TIERS
    for at, sample in enumerate(samples):
        place = (name, at)
        if not isinstance(sample, dict) or not {"says", "tier"} <= sample.keys() <= {"says", "tier", "edits"}:
            yield _fault(document, place, "a sample says what it is, its tier, and its edits")
            continue
        edits = sample.get("edits", {})
        if not isinstance(sample["says"], str) or not sample["says"].strip():
            yield _fault(document, (*place, "says"), "`says` must be a text")
        if sample["tier"] not in judged:
            yield _fault(document, (*place, "tier"), f"`{sample['tier']}` is no tier that this rule judges")
        if not isinstance(edits, dict):
            yield _fault(document, (*place, "edits"), "edits are keys and values")
            continue
        for key in edits:
            path = tuple(key.split("."))
            if not any(len(one) == len(path) and covers(one, path) for one in patterns):
                yield _fault(document, (*place, "edits", key), f"no environment has a key `{key}`")


def _unbroken(document: Document[Any], plain: Mapping[str, Any]) -> Iterator[Finding]:
    """Keys of the body whose bounds no INVALID sample breaks by a value of their type."""
    edits = [edit for sample in plain["invalid"] for edit in sample.get("edits", {}).items()]
    for pattern, wanted in plain["body"].items():
        words = tuple(pattern.split("."))
        values = [value for key, value in edits if covers(words, tuple(key.split(".")))]
        if not any(_is(wanted["type"], one) and [*_out_of_bounds(one, wanted)] for one in values):
            yield _fault(document, ("body", pattern), f"no invalid sample breaks the bounds of `{pattern}`")


def _fault(document: Document[Any], path: tuple[str | int, ...], message: str) -> Finding:
    way_out = "see CONTRIBUTING, `add a rule`: a declarative rule is a closed schema with samples"
    return Finding("PRF009", Severity.ERROR, document.places.at(path), message, way_out, dotted(path))
