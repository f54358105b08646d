"""Diff honesty over two trees: every changed value must stand on a line that the text diff shows.

Never judges what a value means.
"""

from __future__ import annotations

from ci.judging.sides import Sides
from config.desired import DesiredState
from config.findings import Finding
from config.reading.honesty import compare
from config.tree import Tree


def compare_trees(before: DesiredState, head: DesiredState, both: Sides) -> tuple[list[Finding], list[str]]:
    """Findings, and one line per edit of form alone."""
    findings: list[Finding] = []
    forms: list[str] = []
    for file, document in head.documents.items():
        old = before.documents.get(file)
        if old is None or old.blob_id == document.blob_id or both.base is None:
            continue
        honesty = compare(old, document, _text(both.base, file), _text(both.head, file))
        findings.extend(honesty.findings)
        forms.extend(f"{edit.span.file}:{edit.span.line} {edit.form}" for edit in honesty.form_only)
    return findings, forms


def _text(tree: Tree, file: str) -> str:
    blob = tree.read(file)
    return blob.data.decode("utf-8", errors="replace") if blob is not None else ""
