"""The projection: what the journal says stands in Postgres, once, however often and from wherever it is copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.models.environment import Database
from engine.journal.file import FileJournal, Identity
from engine.journal.projection import copy

SCHEMA = "paper_trading_test"
WHO = {
    "commit": "a" * 40,
    "bundle_digest": "b" * 64,
    "snapshot_digest": "c" * 64,
    "flag": "paper_trading_enabled",
    "reason": "TARGETING_MATCH",
    "bucket": 7,
    "generation": 3,
}
ORDER = {
    "id": "PDEV-1",
    "leg": "E",
    "symbol": "ACME",
    "side": "BUY",
    "quantity": 10,
    "type": "market",
    "price": "100.00",
    "signal_id": "s-1",
    "strategy": "manual",
    "mode": "paper",
    "n": 1,
    **WHO,
}


@pytest.fixture
def connection(database: Database, local: Any) -> Iterator[psycopg.Connection[Any]]:
    """The engine's own role on the tables the migrations make."""
    role = f"{SCHEMA}_app"
    password = (local.secrets / role).read_text().strip()
    place = {"host": database.host, "port": database.port, "dbname": database.name}
    with psycopg.connect(**place, user=role, password=password, autocommit=True) as made:
        made.execute("SET search_path TO paper_trading_test")
        yield made


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[FileJournal]:
    made = FileJournal.open(tmp_path / "journal", Identity("dev", "paper", "ACCT-DEV-1"), 0)
    yield made
    made.close()


def _note(journal: FileJournal, kind: str, /, **body: Any) -> None:
    journal.append(1_000_000, kind, body)
    journal.sync()


def _states(connection: psycopg.Connection[Any]) -> list[Any]:
    return connection.execute("SELECT order_id, state, seq FROM orders ORDER BY 1").fetchall()


def test_an_order_moves_through_its_states(journal: FileJournal, connection: psycopg.Connection[Any]) -> None:
    moves = [
        ("intent", ORDER, "JOURNALED"),
        ("sending", {"id": "PDEV-1"}, "SENDING"),
        ("ack", {"id": "PDEV-1"}, "ACCEPTED"),
        ("fill", {"id": "PDEV-1", "quantity": 4}, "PARTIAL"),
        ("fill", {"id": "PDEV-1", "quantity": 6}, "FILLED"),
    ]
    for type_, body, state in moves:
        _note(journal, type_, **body)
        copy(journal.path, connection, SCHEMA)
        assert [row[1] for row in _states(connection)] == [state]
    row = connection.execute("SELECT commit, flag, reason, side, limit_price FROM orders").fetchone()
    assert row == ("a" * 40, "paper_trading_enabled", "TARGETING_MATCH", "buy", None)


def test_copying_twice_changes_nothing(journal: FileJournal, connection: psycopg.Connection[Any]) -> None:
    _note(journal, "intent", **ORDER)
    denial = {**ORDER, "id": "PDEV-2", "quantity": 0, "code": "QTY_ZERO", "codes": ["QTY_ZERO", "MAX_GROSS"]}
    _note(journal, "deny", **denial)
    first, second = (copy(journal.path, connection, SCHEMA) for _ in range(2))
    assert (first.orders, first.denials, first.last) == (1, 1, 2)
    assert (second.orders, second.denials, second.last) == (0, 0, 2)
    rows = connection.execute("SELECT seq, signal_id, code, codes, snapshot_digest FROM denials").fetchall()
    assert rows == [(2, "s-1", "QTY_ZERO", "QTY_ZERO,MAX_GROSS", "c" * 64)]


def test_after_an_outage_it_goes_on_from_the_last_record(
    journal: FileJournal, connection: psycopg.Connection[Any]
) -> None:
    _note(journal, "intent", **ORDER)
    copy(journal.path, connection, SCHEMA)
    for number in range(2, 5):
        _note(journal, "intent", **{**ORDER, "id": f"PDEV-{number}"})
    _note(journal, "cancel", id="PDEV-2", state="CANCELED", reason="x")
    assert copy(journal.path, connection, SCHEMA).orders == 3
    assert [row[:2] for row in _states(connection)] == [
        ("PDEV-1", "JOURNALED"),
        ("PDEV-2", "CANCELED"),
        ("PDEV-3", "JOURNALED"),
        ("PDEV-4", "JOURNALED"),
    ]


def test_a_failing_copy_leaves_nothing_half_done(
    journal: FileJournal, connection: psycopg.Connection[Any]
) -> None:
    _note(journal, "intent", **ORDER)
    _note(journal, "deny", signal_id="s-2", code="STATE", codes=["STATE"], symbol="ACME", side="HOLD")
    with pytest.raises(psycopg.errors.IntegrityError):
        copy(journal.path, connection, SCHEMA)
    assert _states(connection) == []


def test_a_wait_that_expired_has_no_side(journal: FileJournal, connection: psycopg.Connection[Any]) -> None:
    _note(
        journal,
        "deny",
        signal_id="s-3",
        symbol="ACME",
        code="WAIT_EXPIRED",
        codes=["WAIT_EXPIRED"],
        detail="x",
    )
    assert copy(journal.path, connection, SCHEMA).denials == 1
