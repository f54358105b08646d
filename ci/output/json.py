"""JSON for machines: one object, stable keys, versioned by `schema`.

Never shows colour and never leaves a key out.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from ci.output.document import Document
from config.findings import Finding, Span


def render(document: Document, *, colour: bool) -> str:
    """The whole answer."""
    answer = {
        "schema": document.schema,
        "title": document.title,
        "exit_code": document.exit_code,
        "summary": document.summary,
        "facts": dict(document.facts),
        "tables": [
            {"name": table.name, "rows": [dict(zip(table.columns, row, strict=True)) for row in table.rows]}
            for table in document.tables
        ],
        "findings": [finding_object(finding) for finding in document.findings],
    }
    return json.dumps(answer, indent=2, ensure_ascii=True, default=_plain) + "\n"


def finding_object(finding: Finding) -> dict[str, Any]:
    """One finding; `path` is the key, `file` and the columns are its place."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": finding.path,
        **_place(finding.span),
        "message": finding.message,
        "help": finding.help,
        "related": [{**_place(related.span), "label": related.label} for related in finding.related],
        "waived": finding.waived,
    }


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no place in JSON")
