"""Reads approvals.yaml: strictly, by a closed cerberus schema, each approval with its place.

Never decides what an approval allows.
"""

from __future__ import annotations

from typing import Any

from config.findings import Finding, Refused, Severity, sort_findings
from config.tree import FILE as REGULAR
from config.tree import Tree
from policies.approvals import FILE, Approval
from policies.paths import dotted

_PERSON = r"[a-z][a-z0-9._-]{0,62}"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WORDS: dict[str, dict[str, Any]] = {
    "environment": {"type": "string", "regex": "[a-z][a-z0-9-]{0,30}"},
    "resource": {"type": "string", "regex": "[a-z0-9][a-z0-9-]{0,90}"},
    "operation": {"type": "string", "allowed": ["replace", "delete"]},
    "reason": {"type": "string", "minlength": 10, "maxlength": 400},
    "ticket": {"type": "string", "regex": "[A-Z][A-Z0-9]*-[0-9]{1,8}"},
    "owner": {"type": "string", "regex": _PERSON},
    "approver": {"type": "string", "regex": _PERSON},
    "created": {"type": "string", "regex": _DAY},
    "expires": {"type": "string", "regex": _DAY},
}
SCHEMA: dict[str, Any] = {
    "schema": {"type": "integer", "allowed": [1]},
    "approvals": {"type": "list", "schema": {"type": "dict", "schema": _WORDS}},
}
"""approvals.yaml"""


def read_approvals(tree: Tree) -> tuple[Approval, ...] | Refused:
    """Every approval in this tree."""
    blob = tree.read(FILE)
    if blob is None or blob.mode != REGULAR:
        return ()
    from config.reading.read import read_with
    from config.reading.records import plain_of

    document = read_with(FILE, blob, plain_of)
    if isinstance(document, Refused):
        return document
    if document.value == {"schema": 1, "approvals": []}:
        return ()
    from config.closed_schema import breaches  # cerberus: only where there is something to judge

    way_out = f"write {', '.join(_WORDS)} of each approval, all as text"
    found = [
        Finding(
            "WAV029", Severity.ERROR, document.places.at(one.path), one.message, way_out, dotted(one.path)
        )
        for one in breaches(SCHEMA, document.value)
    ]
    if found:
        return Refused(sort_findings(found))
    return tuple(
        Approval(**entry, span=document.places.at(("approvals", at, "resource")))
        for at, entry in enumerate(document.value["approvals"])
    )
