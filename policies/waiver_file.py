"""Reads waivers.yaml: strictly, by a closed cerberus schema, each waiver with its place.

Never decides what a waiver covers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from config.document import Document
from config.findings import Finding, Refused, Severity, sort_findings
from config.record import record
from config.tree import FILE as REGULAR
from config.tree import Tree
from policies.approval_file import read_approvals
from policies.approvals import Approval
from policies.paths import dotted
from policies.waivers import FILE, Waiver

_PERSON = r"[a-z][a-z0-9]*([._-][a-z0-9]+)*"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WORDS: dict[str, dict[str, Any]] = {
    "rule": {"type": "string", "regex": "[A-Z]{3}[0-9]{3}"},
    "file": {"type": "string", "minlength": 1, "maxlength": 200},
    "path": {"type": "string", "minlength": 1, "maxlength": 200},
    "value": {"type": "string", "maxlength": 400},
    "reason": {"type": "string", "regex": r"\S.{8,398}\S"},
    "ticket": {"type": "string", "regex": "[A-Z][A-Z0-9]*-[0-9]{1,8}"},
    "owner": {"type": "string", "regex": _PERSON, "maxlength": 63},
    "approver": {"type": "string", "regex": _PERSON, "maxlength": 63},
    "created": {"type": "string", "regex": _DAY},
    "expires": {"type": "string", "regex": _DAY},
}
SCHEMA: dict[str, Any] = {
    "schema": {"type": "integer", "allowed": [1]},
    "waivers": {"type": "list", "schema": {"type": "dict", "schema": _WORDS}},
}
"""waivers.yaml"""


@record
class WaiverFile:
    """The waivers of a tree and the document they stand in (None when the tree has none)."""

    waivers: tuple[Waiver, ...] = ()
    document: Document[Any] | None = None
    approvals: tuple[Approval, ...] = ()


def read_waivers(tree: Tree) -> WaiverFile | Refused:
    """Every waiver in this tree, and the approvals that stand beside them."""
    approvals = read_approvals(tree)
    if isinstance(approvals, Refused):
        return approvals
    found = _read(tree)
    return found if isinstance(found, Refused) or not approvals else replace(found, approvals=approvals)


def _read(tree: Tree) -> WaiverFile | Refused:
    blob = tree.read(FILE)
    if blob is None or blob.mode != REGULAR:
        return WaiverFile()
    from config.reading.read import read_with
    from config.reading.records import is_empty, plain_of

    document = read_with(FILE, blob, plain_of)
    if isinstance(document, Refused):
        return document
    if is_empty(document.value, "waivers"):
        return WaiverFile((), document)
    from config.closed_schema import breaches  # cerberus: only where there is something to judge

    found = [
        Finding(
            rule="WAV011",
            severity=Severity.ERROR,
            span=document.places.at(breach.path),
            message=breach.message,
            help=f"write {', '.join(_WORDS)} of each waiver, all as text",
            path=dotted(breach.path),
        )
        for breach in breaches(SCHEMA, document.value)
    ]
    if found:
        return Refused(sort_findings(found))
    return WaiverFile(tuple(_waivers(document)), document)


def _waivers(document: Document[Any]) -> list[Waiver]:
    return [
        Waiver(**entry, places={word: document.places.at(("waivers", at, word)) for word in _WORDS})
        for at, entry in enumerate(document.value["waivers"])
    ]
