"""SARIF 2.1.0: findings as a code scanner's results, so that a forge shows them beside the lines.

Never invents a place: what has none in the judged tree is reported at line 1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from ci.output.document import Document
from config.findings import Finding, Severity, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {
    Severity.ERROR: "error",
    Severity.GUARDED: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}
_RANK = {Severity.ERROR: "9.0", Severity.GUARDED: "7.0", Severity.WARNING: "4.0", Severity.INFO: "1.0"}


def render(document: Document, *, colour: bool) -> str:
    """The whole answer as one run."""
    rules = sorted({finding.rule for finding in document.findings})
    run = {
        "tool": {"driver": _driver(rules, document)},
        "automationDetails": {"id": f"interlock/{document.title}"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "the root of the judged repository"}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "exitCode": document.exit_code,
                "toolExecutionNotifications": [{"level": "note", "message": {"text": document.summary}}],
            }
        ],
        "results": [_result(finding, rules) for finding in document.findings],
        "properties": _change(document),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _change(document: Document) -> dict[str, Any]:
    """Which way the change leads, and each of its keys; nothing where nothing was compared."""
    tables = [table for table in document.tables if table.name == "changes"]
    keys = [dict(zip(table.columns, row, strict=True)) for table in tables for row in table.rows]
    return (
        {"direction": document.facts["direction"], "changes": keys} if "direction" in document.facts else {}
    )


def _driver(rules: Iterable[str], document: Document) -> dict[str, Any]:
    firsts = {finding.rule: finding for finding in reversed(document.findings)}
    return {
        "name": "interlock",
        "informationUri": "https://example.com/interlock",
        "semanticVersion": _version(),
        "rules": [_rule(firsts[rule]) for rule in rules],
    }


def _rule(finding: Finding) -> dict[str, Any]:
    from policies.notices import title_and_fix

    title, fix = title_and_fix(finding.rule)
    return {
        "id": finding.rule,
        "shortDescription": {"text": title or finding.rule},
        "help": {"text": fix or finding.help or "see `interlock explain`"},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {"security-severity": _RANK[finding.severity], "tags": ["configuration", "trading"]},
    }


def _result(finding: Finding, rules: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. {finding.help}".rstrip(". ") + "."},
        "locations": [_location(finding.span)],
        "relatedLocations": [
            {"id": number, **_location(related.span), "message": {"text": related.label}}
            for number, related in enumerate(finding.related, start=1)
        ],
        "partialFingerprints": {"keyPath/v1": _fingerprint(finding)},
        "properties": {"path": finding.path, "severity": finding.severity.value},
    }
    if finding.waived:
        waiver = finding.related[-1].label if finding.related else "waived"
        result["suppressions"] = [{"kind": "external", "justification": waiver}]
    return result


def _location(span: Span) -> dict[str, Any]:
    region = {
        "startLine": max(1, span.line),
        "startColumn": max(1, span.column),
        "endLine": max(1, span.end_line),
        "endColumn": max(1, span.end_column),
    }
    place = {"uri": _uri(span.file), "uriBaseId": "ROOT"}
    return {"physicalLocation": {"artifactLocation": place, "region": region}}


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(file, safe="/")


def _fingerprint(finding: Finding) -> str:
    """The same for the same rule at the same key, wherever the line moves."""
    words = "\0".join((finding.rule, finding.span.file, finding.path or finding.message))
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _version() -> str:
    from importlib.metadata import version

    return version("interlock")
