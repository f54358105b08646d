"""Markdown for a pull request: riskiest first, bounded, with a marker by which one comment is found and updated.

Never passes markup through: what a value holds is shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ci.output.document import Document, Table
from config.findings import Finding, Severity

_MOST_ROWS = 60
_MOST_FINDINGS = 40
_WIDEST = 100
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~@&])")
_RANK = {Severity.ERROR: 0, Severity.GUARDED: 1, Severity.WARNING: 2, Severity.INFO: 3}


def render(document: Document, *, colour: bool) -> str:
    """The whole answer."""
    refused = any(finding.refuses for finding in document.findings)
    lines = [
        f"<!-- {document.schema} {_text(document.title)} -->",
        f"### interlock {_text(document.title)}: {'refused' if refused else 'clean'}",
        "",
        _text(document.summary),
        *_findings(document.findings),
    ]
    for table in document.tables:
        lines += _table(table)
    lines += _facts({key: value for key, value in document.facts.items() if key not in document.quiet_facts})
    return "\n".join(lines) + "\n"


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield from ("", "| severity | rule | place | message |", "|--|--|--|--|")
    ordered = sorted(findings, key=lambda one: (one.waived, _RANK[one.severity], one.span, one.rule))
    for finding in ordered[:_MOST_FINDINGS]:
        level = finding.severity.value + (" (waived)" if finding.waived else "")
        place = f"{finding.span.file}:{finding.span.line}"
        cells = (
            level,
            finding.rule,
            place,
            f"{finding.message}; help: {finding.help}" if finding.help else finding.message,
        )
        yield "| " + " | ".join(_text(cell, _WIDEST * 4) for cell in cells) + " |"
    if len(ordered) > _MOST_FINDINGS:
        yield f"\n{len(ordered) - _MOST_FINDINGS} more findings are in the job's log."


def _table(table: Table) -> Iterator[str]:
    if not table.rows:
        return
    yield from ("", f"**{_text(table.name)}** ({len(table.rows)})", "")
    yield "| " + " | ".join(map(_text, table.columns)) + " |"
    yield "|" + "--|" * len(table.columns)
    for row in table.rows[:_MOST_ROWS]:
        yield "| " + " | ".join(map(_text, row)) + " |"
    if len(table.rows) > _MOST_ROWS:
        yield f"\n{len(table.rows) - _MOST_ROWS} more rows are in the job's log."


def _facts(facts: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    for key, value in facts.items():
        if isinstance(value, list | tuple):
            yield f"- {_text(key)}:"
            yield from (f"  - {_text(str(item))}" for item in value)
        elif value not in ("", None):
            yield f"- {_text(key)}: {_text(str(value))}"


def _text(value: str, widest: int = _WIDEST) -> str:
    shown = "".join(letter if letter.isprintable() else f"<U+{ord(letter):04X}>" for letter in value)
    shown = shown if len(shown) <= widest else shown[: widest - 3] + "..."
    return _MARKUP.sub(r"\\\1", shown)
