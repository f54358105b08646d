"""How one key of an environment got its value: the first-parent line of Git, and since when the ledger says it runs.

Names and dates of commits are what their committers wrote; only the ledger's times are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ci.delivery import record
from ci.delivery.ledger import Entry, instant
from ci.errors import UsageError
from ci.git import CommitFacts, Repository
from config.desired import environment_file
from config.findings import Refused
from config.models.environment import Environment
from config.reading import read_document
from config.schema_walk import value_at
from config.tree import FILE, Blob, blob_id
from policies.inputs import MISSING

ABSENT = "-"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Version:
    """One commit that changed the key: what it says of itself, the value before and after, and since when it ran."""

    facts: CommitFacts
    before: str
    after: str
    effective: str


def parse_key(text: str) -> tuple[str, ...]:
    """`flags.live_trading_enabled.enabled` as a path."""
    parts = tuple(text.split("."))
    if not all(parts):
        raise UsageError(
            f"`{text}` is no key", "join names with dots, e.g. flags.live_trading_enabled.enabled"
        )
    return parts


def history(
    repository: Repository, ref: str, environment: str, key: tuple[str, ...], rows: Sequence[Entry]
) -> tuple[Version, ...]:
    """Every change of the key on the first-parent line of `ref`, newest first."""
    line = repository.first_parents(ref)
    values = _values(repository, line, environment, key)
    if all(value == ABSENT for value in values):
        raise UsageError(
            f"no commit of this line has the key `{'.'.join(key)}` in {environment_file(environment)}",
            f"see the keys with `interlock bundle show --env {environment}`",
        )
    effective = _effective(line, environment, rows)
    found = []
    for position, commit in enumerate(line):
        before = values[position + 1] if position + 1 < len(line) else ABSENT
        if values[position] != before:
            since = effective.get(position, "")
            found.append(Version(repository.facts(commit), before, values[position], since))
    return tuple(found)


def _values(repository: Repository, line: Sequence[str], environment: str, key: tuple[str, ...]) -> list[str]:
    """The value at each commit, newest first; each version of the file is read once."""
    file = environment_file(environment)
    names = [f"{commit}:{file}" for commit in line]
    texts = repository.read_blobs(names)
    known: dict[bytes, str] = {}
    found = []
    for name in names:
        data = texts.get(name)
        if data is not None and data not in known:
            known[data] = _value(file, data, key)
        found.append(ABSENT if data is None else known[data])
    return found


def _value(file: str, data: bytes, key: tuple[str, ...]) -> str:
    document = read_document(file, Blob(data, FILE, blob_id(data)), Environment)
    if isinstance(document, Refused):
        return UNREADABLE
    try:
        return text_of(value_at(document.value, key))
    except (KeyError, AttributeError):
        return ABSENT


def text_of(value: Any) -> str:
    """A value as people read it in the file."""
    if value is MISSING:
        return ABSENT
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return "null" if value is None else str(value)


def _effective(line: Sequence[str], environment: str, rows: Sequence[Entry]) -> dict[int, str]:
    """For each position of the line, when the ledger first recorded that commit or a later one as all that runs."""
    place = {commit: position for position, commit in enumerate(line)}
    found: dict[int, str] = {}
    reached = len(line)
    for row in rows:
        body = row.content
        if row.environment != environment or row.kind != record.RECEIPT or body.get("held"):
            continue
        at = place.get(str(body.get("target")), reached)
        for position in range(at, reached):
            found[position] = f"{instant(row.at)} (receipt {row.seq})"
        reached = min(reached, at)
    return found
