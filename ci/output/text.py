"""Text for people: each finding with its line and a caret, tables in columns, the summary last.

Never trusts what it shows: a character that a terminal would act on is shown by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ci.output.document import Document, Table
from config.findings import Finding, Severity, Span

_COLOURS = {Severity.ERROR: "1;31", Severity.GUARDED: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36"}
_WIDEST_CELL = 60
_MASKED_RULE = "SEC001"
"""Findings of this rule point at a secret: logs are read by more people than the file is."""


def render(document: Document, *, colour: bool) -> str:
    """The whole answer."""
    paint = _paint if colour else _plain
    blocks = ["\n".join(_findings(document, paint))] if document.findings else []
    blocks.extend("\n".join(_table(table)) for table in document.tables if table.rows)
    facts = "\n".join(_facts(document.facts, document.quiet_facts))
    blocks.extend(block for block in (facts, visible(document.summary)) if block)
    return "\n\n".join(blocks) + "\n"


def _findings(document: Document, paint: Any) -> Iterator[str]:
    last: Span | None = None
    for finding in document.findings:
        if last is not None and finding.span != last:
            yield ""
        yield from _finding(finding, document.sources, paint, shows_line=finding.span != last)
        last = finding.span


def _finding(finding: Finding, sources: Mapping[str, str], paint: Any, shows_line: bool) -> Iterator[str]:
    level = f"{finding.severity.value}[{finding.rule}]" + (" (waived)" if finding.waived else "")
    place = f"{finding.span.file}:{finding.span.line}:{finding.span.column}"
    yield f"{paint(visible(place), '1')}: {paint(level, _COLOURS[finding.severity])} {visible(finding.message)}"
    if shows_line:
        lines = sources.get(finding.span.file, "").split("\n")
        hides = finding.rule == _MASKED_RULE
        yield from _excerpt(finding.span, lines, paint, _COLOURS[finding.severity], hides)
    for related in finding.related:
        where = f"{related.span.file}:{related.span.line}:{related.span.column}"
        yield f"  related: {visible(where)} {visible(related.label)}"
    if finding.help:
        yield f"  help: {visible(finding.help)}"


def _excerpt(span: Span, lines: Sequence[str], paint: Any, colour: str, hides: bool) -> Iterator[str]:
    if not 1 <= span.line <= len(lines) or not lines[span.line - 1]:
        return
    line = lines[span.line - 1]
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    before, marked, after = line[: span.column - 1], line[span.column - 1 : end], line[end:]
    if hides:  # all that follows too: a second secret may stand there
        marked, after = "*" * len(marked), ""
    gutter = f"{span.line:5} | "
    yield gutter + visible(before + marked + after)
    yield (
        " " * (len(gutter) - 2)
        + "| "
        + " " * len(visible(before))
        + paint("^" * max(1, len(visible(marked))), colour)
    )


def _table(table: Table) -> Iterator[str]:
    rows = [tuple(_cut(visible(cell)) for cell in row) for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.columns, *rows, strict=True)]
    yield f"{table.name}:"
    for row in (table.columns, *rows):
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cut(cell: str) -> str:
    return cell if len(cell) <= _WIDEST_CELL else cell[: _WIDEST_CELL - 3] + "..."


def _facts(facts: Mapping[str, Any], quiet: Iterable[str]) -> Iterator[str]:
    for key, value in facts.items():
        if key in quiet or value in ("", [], ()):
            continue
        if isinstance(value, list | tuple):
            yield f"{key}:"
            yield from (f"  {visible(str(item))}" for item in value)
        else:
            yield f"{key}: {visible(_word(value))}"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


def visible(text: str) -> str:
    """The text with every character that is not plainly printable shown by its number."""
    return (
        text if text.isprintable() else "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text)
    )


def _paint(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m"


def _plain(text: str, colour: str) -> str:
    return text
