"""What every command answers with: facts, tables and findings; formats know nothing else.

Never renders: see the formats beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from config.findings import Finding
from config.record import record


@record
class Table:
    """Rows under named columns; cells are texts ready to read."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@record
class Document:
    """One answer.

    schema: `interlock.<verb>/1`.  facts: JSON-able values, stable keys, also shown as `key: value` lines in text
    unless `quiet_facts` names them.  sources: text of the files findings point into, for carets.
    """

    schema: str
    title: str
    exit_code: int
    summary: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    findings: tuple[Finding, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    quiet_facts: frozenset[str] = frozenset({"tool_root", "judged_root"})
