"""Records: what people decided, typed by cerberus, which is imported only when there is a record to type.

Never lets cerberus convert, default or ignore anything: the schemas below use closed rules only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from config.closed_schema import breaches
from config.document import Document, KeyPath, Places, dotted
from config.findings import Finding, Refused, Severity, sort_findings
from config.models.nature import Nature, Safe
from config.models.records import Release, person_of
from config.models.version import SCHEMA
from config.reading.nodes import Mapping, Node, Scalar, Sequence, is_plain_text
from config.reading.problem import Problem
from config.reading.read import read_with
from config.reading.scalars import DECIMAL, INTEGER, read_text, refuse, shown
from config.record import record
from config.tree import FILE, Blob, Tree

_WORDS: Final = {"true": True, "false": False, "null": None}
_READ_TEXT: Final = read_text("text", Nature("", Safe.NONE, why="people's words", free_text=True))
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PERSON: Final = r"[a-z][a-z0-9]*([._-][a-z0-9]+)*"

RELEASES: Final[dict[str, Any]] = {
    "schema": {"type": "integer", "allowed": [1]},
    "releases": {
        "type": "list",
        "schema": {
            "type": "dict",
            "schema": {
                "environment": {"type": "string", "regex": "[a-z][a-z0-9-]{0,30}"},
                "epoch": {"type": "integer", "min": 1},
                "person": {"type": "string", "regex": _PERSON, "maxlength": 63},
                "approver": {"type": "string", "regex": _PERSON, "maxlength": 63, "nullable": True},
                "reason": {"type": "string", "regex": r"\S(.{0,398}\S)?"},
                "scope": {"type": "string", "regex": "global|(account|flag|strategy):[A-Za-z0-9_-]{1,63}"},
                "day": {"type": "string", "regex": _DAY},
            },
        },
    },
}
"""releases.yaml"""


@record
class Releases:
    """The releases of a tree and the document they stand in (None when the tree has none)."""

    releases: tuple[Release, ...]
    document: Document[Any] | None


def read_releases(file: str, tree: Tree) -> Releases | Refused:
    """Every release of a kill in this tree."""
    blob = tree.read(file)
    if blob is None or blob.mode != FILE:
        return Releases((), None)
    return _read(file, blob)


def _read(file: str, blob: Blob) -> Releases | Refused:
    document = read_with(file, blob, plain_of)
    if isinstance(document, Refused):
        return document
    found = [] if is_empty(document.value, "releases") else _judge(document.value, document.places)
    if found:
        return Refused(sort_findings(found))
    releases = tuple(Release(**entry) for entry in document.value["releases"])
    return Releases(releases, replace(document, value={**document.value, "releases": releases}))


def is_empty(plain: Any, name: str) -> bool:
    """Whether a file of records is well formed and holds none; `true` and `1.0` equal 1 and are no version."""
    return bool(plain == {"schema": SCHEMA, name: []}) and type(plain["schema"]) is int


def plain_of(node: Node, problems: list[Problem]) -> Any:
    """The node as plain values, each plain scalar typed by its text alone."""
    if type(node) is Mapping:
        return {name: plain_of(child, problems) for name, (_, child) in node.entries.items()}
    if type(node) is Sequence:
        return [plain_of(item, problems) for item in node.items]
    if node.style or is_plain_text(node.value):
        return _text(node, problems)
    if node.value in _WORDS:
        return _WORDS[node.value]
    if INTEGER.fullmatch(node.value):
        return int(node.value)
    if DECIMAL.fullmatch(node.value):
        return Decimal(node.value)
    return refuse(
        "YAML016", node, f"{shown(node)} must be quoted to be a text", "put it in double quotes", problems
    )


def _text(node: Scalar, problems: list[Problem]) -> Any:
    return _READ_TEXT(node, problems) if node.value else ""


def _judge(plain: Any, places: Places) -> list[Finding]:
    found = [_finding(places, breach.path, breach.message) for breach in breaches(RELEASES, plain)]
    return found or list(_misuses(plain["releases"], places))


def _misuses(entries: list[dict[str, Any]], places: Places) -> Iterator[Finding]:
    """What no grammar sees: a day that never was, one person under two spellings, one release twice."""
    seen: set[tuple[object, ...]] = set()
    for at, entry in enumerate(entries):
        try:
            date.fromisoformat(entry["day"])
        except ValueError:
            yield _finding(places, ("releases", at, "day"), f"`{entry['day']}` is no day of the calendar")
        if entry["approver"] is not None and person_of(entry["approver"]) == person_of(entry["person"]):
            message = f"`{entry['approver']}` approves a release of their own"
            yield _finding(places, ("releases", at, "approver"), message)
        what = (entry["environment"], entry["epoch"], entry["scope"])
        if what in seen:
            message = (
                f"epoch {entry['epoch']} of `{entry['environment']}` is released twice for {entry['scope']}"
            )
            yield _finding(places, ("releases", at, "epoch"), message)
        seen.add(what)


def _finding(places: Places, path: KeyPath, message: str) -> Finding:
    way_out = "write environment, epoch, person, approver (or null), reason, scope and day of each release"
    return Finding("CFG014", Severity.ERROR, places.at(path), message, way_out, dotted(path))
