"""Workflow commands of GitHub Actions: each finding as an annotation at its place, the summary as a notice.

Never lets a value end a command or begin another: what the syntax uses is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator

from ci.output.document import Document
from config.findings import Finding, Severity

_LEVELS = {
    Severity.ERROR: "error",
    Severity.GUARDED: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}

_MOST_KEYS = 40


def render(document: Document, *, colour: bool) -> str:
    """One line per finding, riskiest first (a run shows ten of each level), then the summary."""
    ranked = sorted(document.findings, key=lambda one: list(_LEVELS).index(one.severity))
    lines = [_annotation(finding) for finding in ranked]
    lines.extend(_changes(document))
    level = "notice" if document.exit_code == 0 else "error"
    lines.append(f"::{level} title={_property(f'interlock {document.title}')}::{_message(document.summary)}")
    return "\n".join(lines) + "\n"


def _changes(document: Document) -> Iterator[str]:
    """What changes and which way it leads, loosening first: one notice, since a run shows ten of them."""
    if "direction" not in document.facts:
        return
    rows = [row for table in document.tables if table.name == "changes" for row in table.rows]
    ranked = sorted(rows, key=lambda row: ("loosen", "neutral", "tighten").index(row[4]))
    told = [f"{where} {key}: {before} -> {after} ({way})" for where, key, before, after, way in ranked]
    more = [f"and {len(told) - _MOST_KEYS} keys more"] if len(told) > _MOST_KEYS else []
    title = _property(f"interlock {document.title}: direction {document.facts['direction']}")
    yield f"::notice title={title}::{_message(chr(10).join([*told[:_MOST_KEYS], *more]) or 'no key changes')}"


def _annotation(finding: Finding) -> str:
    span = finding.span
    level = "notice" if finding.waived else _LEVELS[finding.severity]
    places = {"file": span.file, "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:  # columns are refused for a place of several lines
        places |= {"col": span.column, "endColumn": max(span.column, span.end_column - 1)}
    title = f"{finding.rule} ({finding.severity.value}{', waived' if finding.waived else ''})"
    properties = ",".join(
        f"{key}={_property(str(value))}" for key, value in {**places, "title": title}.items()
    )
    related = [
        f"related: {one.span.file}:{one.span.line}:{one.span.column} {one.label}" for one in finding.related
    ]
    text = "\n".join([finding.message, *related, *([f"help: {finding.help}"] if finding.help else [])])
    return f"::{level} {properties}::{_message(text)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
