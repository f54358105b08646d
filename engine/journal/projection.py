"""Copies order and denial records into Postgres, where people and reports read them; the journal stays the truth.

Never blocks trading: it runs beside the engine, and after an outage it goes on from the last copied record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from engine.clock import instant
from engine.journal.record import Record
from engine.journal.scan import read

_ORDERS = sql.SQL(
    "INSERT INTO {} (order_id, seq, at, account_id, symbol, side, quantity, limit_price, state, commit,"
    " bundle_digest, snapshot_digest, flag, reason, body)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (order_id) DO UPDATE SET seq = excluded.seq, state = excluded.state, body = excluded.body"
    " WHERE {}.seq < excluded.seq"
)
_DENIALS = sql.SQL(
    "INSERT INTO {} (seq, signal_id, at, account_id, symbol, side, quantity, code, codes, commit, bundle_digest,"
    " snapshot_digest, flag, reason, body)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (seq) DO NOTHING"
)
_LAST = sql.SQL("SELECT greatest((SELECT max(seq) FROM {}), (SELECT max(seq) FROM {}))")


class Copied(NamedTuple):
    """What one run copied, and up to which record."""

    orders: int
    denials: int
    last: int


class _Row(NamedTuple):
    """An order as the journal knows it so far."""

    seq: int
    at: int
    state: str
    filled: int
    body: Mapping[str, Any]


def copy(path: Path, connection: psycopg.Connection[Any], schema: str) -> Copied:
    """Copy what is not there yet, in one transaction; run it again at any time."""
    records = list(read(path.read_bytes()))
    account = str(records[0].body["account"]) if records else ""
    orders, denials = sql.Identifier(schema, "orders"), sql.Identifier(schema, "denials")
    with connection.transaction(), connection.cursor() as cursor:
        found = cursor.execute(_LAST.format(orders, denials)).fetchone()
        last = -1 if found is None or found[0] is None else int(found[0])
        rows = [(key, row) for key, row in _orders(records).items() if row.seq > last]
        refusals = [record for record in records if record.type == "deny" and record.seq > last]
        if rows:
            cursor.executemany(
                _ORDERS.format(orders, orders), [_order_row(key, row, account) for key, row in rows]
            )
        if refusals:
            cursor.executemany(
                _DENIALS.format(denials), [_denial_row(record, account) for record in refusals]
            )
    return Copied(len(rows), len(refusals), records[-1].seq if records else last)


def _orders(records: Iterable[Record]) -> dict[str, _Row]:
    rows: dict[str, _Row] = {}
    for record in records:
        order_id = record.body.get("id")
        if record.type in ("intent", "sending") and "leg" in record.body:
            state = "JOURNALED" if record.type == "intent" else "SENDING"
            rows[record.body["id"]] = _Row(record.seq, record.at, state, 0, record.body)
        elif order_id in rows and record.type in ("sending", "ack", "fill", "cancel"):
            rows[order_id] = _next(rows[order_id], record)
    return rows


def _next(row: _Row, record: Record) -> _Row:
    body, filled, state = record.body, row.filled, row.state
    if record.type == "sending":
        state = "SENDING"
    elif record.type == "ack":
        state = "REJECTED" if "rejected" in body else "UNKNOWN" if "unknown" in body else "ACCEPTED"
    elif record.type == "fill":
        filled += body["quantity"]
        state = "FILLED" if filled >= row.body["quantity"] else "PARTIAL"
    elif record.type == "cancel":
        state = "PENDING_CANCEL" if body.get("asked") else body["state"]
    return row._replace(seq=record.seq, state=state, filled=filled)


def _order_row(order_id: str, row: _Row, account: str) -> tuple[Any, ...]:
    body = row.body
    shown = json.dumps({**body, "filled": row.filled}, separators=(",", ":"), ensure_ascii=False)
    return (
        order_id,
        row.seq,
        instant(row.at),
        account,
        body["symbol"],
        body["side"].lower(),
        body["quantity"],
        body["price"] if body["type"] != "market" else None,
        row.state,
        body["commit"],
        body["bundle_digest"],
        body["snapshot_digest"],
        body["flag"],
        body["reason"],
        shown,
    )


def _denial_row(record: Record, account: str) -> tuple[Any, ...]:
    body = record.body
    return (
        record.seq,
        body["signal_id"],
        instant(record.at),
        account,
        body.get("symbol") or "",
        body["side"].lower() if "side" in body else None,
        body.get("quantity"),
        body["code"],
        ",".join(body["codes"]),
        body.get("commit", ""),
        body.get("bundle_digest", ""),
        body.get("snapshot_digest", ""),
        body.get("flag", ""),
        body.get("reason", ""),
        json.dumps(body, separators=(",", ":"), ensure_ascii=False),
    )
