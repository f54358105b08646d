"""An answer as it may be shown: whatever looks like a secret in the judged files is starred, lengths and places kept.

A refused file may hold one that no rule reached yet, and a log is read by more people than the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from ci.output.document import Document, Table
from config.findings import Finding, Related
from policies.rules.secret_in_clear import secrets_in

_CODE = ".py"
"""The program's own lines: its names of secrets are no secrets, and what it makes is shown by its name."""
_SHORTEST_PART = 8
"""Messages quote the beginning of a long value; a part this long is hidden, too."""
_secrets_in = lru_cache(1000)(secrets_in)  # the same words of help stand in many findings


def concealed(document: Document) -> Document:
    """The same answer without secrets; only answers with findings quote files."""
    if not document.findings:
        return document
    judged = [text for file, text in document.sources.items() if not file.endswith(_CODE)]
    words = {text[start:end] for text in judged for start, end, _ in _secrets_in(text)}
    return replace(
        document,
        findings=tuple(_finding(finding, words) for finding in document.findings),
        tables=tuple(_table(table, words) for table in document.tables),
        sources={
            file: text if file.endswith(_CODE) else _starred(text) for file, text in document.sources.items()
        },
    )


def _finding(finding: Finding, words: Iterable[str]) -> Finding:
    return replace(
        finding,
        message=_without(finding.message, words),
        help=_without(finding.help, words),
        path=_without(finding.path, words),
        related=tuple(Related(each.span, _without(each.label, words)) for each in finding.related),
    )


def _table(table: Table, words: Iterable[str]) -> Table:
    """Cells are values and types by name, no lines of a file: only what a file is known to hold is hidden there."""
    return replace(table, rows=tuple(tuple(_hidden(cell, words) for cell in row) for row in table.rows))


def _starred(text: str) -> str:
    for start, end, _ in _secrets_in(text):
        text = text[:start] + "*" * (end - start) + text[end:]
    return text


def _without(text: str, words: Iterable[str]) -> str:
    return _starred(_hidden(text, words))


def _hidden(text: str, words: Iterable[str]) -> str:
    for word in words:
        part = next((word[:n] for n in range(len(word), _SHORTEST_PART - 1, -1) if word[:n] in text), "")
        text = text.replace(part, "*" * len(part)) if part else text
    return text
