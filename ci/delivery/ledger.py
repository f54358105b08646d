"""The append-only record in Postgres: every row carries the hash of the row before it.

Never updates or deletes a row, and never believes one that `verify` has not walked past.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from config.digest import canonical, chain

GENESIS = "0" * 64
_APPEND_LOCK = 0x1E_D6_E2  # one writer at a time for the whole table, whatever the environment
_INSERT = (
    "INSERT INTO ledger.entries (seq, at, environment, kind, body, prev, hash)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_SELECT = "SELECT seq, at, environment, kind, body, prev, hash FROM ledger.entries ORDER BY seq"
_LAST = "SELECT seq, hash FROM ledger.entries ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, exactly as it stands in the table."""

    seq: int
    at: datetime
    environment: str
    kind: str
    body: str
    prev: str
    hash: str

    @property
    def content(self) -> Mapping[str, Any]:
        """The body, parsed; an empty mapping when it is no JSON object (`verify` says why)."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}


@dataclass(frozen=True, slots=True)
class Head:
    """How far the record reached when somebody last looked; kept outside it, so that a cut tail shows."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first row where the record no longer proves itself, and why."""

    seq: int
    reason: str


def instant(at: datetime) -> str:
    """The one text form of a time in the record: UTC, microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def row_hash(prev: str, seq: int, at: datetime, environment: str, kind: str, body: str) -> str:
    """The hash of a row: its own fields chained to the row before.

    The bytes are those of `canonical`, which a test holds; written directly they cost a sixth.
    """
    fields = {"at": instant(at), "body": body, "environment": environment, "kind": kind, "seq": seq}
    return chain(prev, json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode())


def verify(entries: Iterable[Entry], outside: Head | None = None) -> Break | None:
    """Walk the rows in order; the first break, or None when each row proves itself and reaches `outside`."""
    prev, expected, at_outside = GENESIS, 1, GENESIS
    for entry in entries:
        reason = _broken(entry, prev, expected)
        if reason:
            return Break(entry.seq, reason)
        prev, expected = entry.hash, expected + 1
        at_outside = entry.hash if outside and entry.seq == outside.seq else at_outside
    return _outside_break(outside, expected - 1, at_outside)


def _broken(entry: Entry, prev: str, expected: int) -> str:
    if entry.seq != expected:
        return f"row {expected} is missing"
    if entry.prev != prev:
        return f"row {entry.seq} does not follow the row before it"
    if entry.hash != row_hash(prev, entry.seq, entry.at, entry.environment, entry.kind, entry.body):
        return f"row {entry.seq} was changed after it was written"
    return ""


def _outside_break(outside: Head | None, last: int, at_outside: str) -> Break | None:
    if outside is None or outside.hash == at_outside:
        return None
    if last < outside.seq:
        return Break(outside.seq, f"the record ends at row {last}, row {outside.seq} was seen here before")
    return Break(outside.seq, f"row {outside.seq} is not the row that was seen here before")


class Ledger:
    """The record of one environment, through one connection."""

    def __init__(self, connection: psycopg.Connection[Any], environment: str) -> None:
        self.environment = environment
        self._connection = connection

    def append(self, kind: str, body: Mapping[str, Any], at: datetime) -> Entry:
        """Write one row after the last one; other writers wait for us."""
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (_APPEND_LOCK,))
            last = self._connection.execute(_LAST).fetchone()
            seq, prev = (last[0] + 1, last[1]) if last else (1, GENESIS)
            text = canonical(dict(body)).decode()
            at = at.astimezone(UTC)
            digest = row_hash(prev, seq, at, self.environment, kind, text)
            entry = Entry(seq, at, self.environment, kind, text, prev, digest)
            self._connection.execute(
                _INSERT,
                (seq, at, self.environment, kind, text, prev, digest),
            )
        return entry

    def entries(self) -> tuple[Entry, ...]:
        """Every row of the table, oldest first; rows of other environments stand in the same chain."""
        rows = self._connection.execute(_SELECT)
        return tuple(Entry(*row) for row in rows)

    def head(self) -> Head:
        """How far the record reaches now; print it or keep it outside."""
        last = self._connection.execute(_LAST).fetchone()
        return Head(*last) if last else Head(0, GENESIS)
