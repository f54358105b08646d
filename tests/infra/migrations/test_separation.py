"""Each role reaches its own tables and nothing else: tried by really connecting as each of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql

from config.models.environment import Database
from infra import migrations
from infra.local import Local
from infra.migrations import migrate, pending, schemas_of

PAPER, LIVE = "paper_trading_test_app", "live_trading_test_app"
WRITER, READER = "ledger_test_writer", "ledger_test_reader"
TABLES = {PAPER: "paper_trading_test.orders", LIVE: "live_trading_test.orders", READER: "ledger.entries"}
LATER = """
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    op.execute("CREATE TABLE later (n int)")
"""


def _as(local: Local, database: Database, role: str) -> psycopg.Connection[tuple[object, ...]]:
    word = (local.secrets / role).read_text().strip()
    place = {"host": "localhost", "port": database.port, "dbname": database.name}
    return psycopg.connect(user=role, password=word, autocommit=True, **place)  # type: ignore[arg-type]


def _entry(seq: int, prev: str, digest: str) -> tuple[object, ...]:
    return (seq, "2026-01-02T03:04:05Z", "test", "intent", "{}", prev * 64, digest * 64)


@pytest.mark.parametrize("role", sorted(TABLES))
@pytest.mark.parametrize("table", sorted(TABLES.values()))
def test_each_role_reads_its_table_only(local: Local, database: Database, role: str, table: str) -> None:
    with _as(local, database, role) as session:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.split(".")))
        if TABLES[role] == table:
            assert session.execute(query).fetchone() == (0,)
        else:
            with pytest.raises(
                errors.InsufficientPrivilege, match=f"permission denied for schema {table.split('.')[0]}"
            ):
                session.execute(query)


@pytest.mark.parametrize("role", [PAPER, LIVE, WRITER, READER])
def test_no_role_becomes_another_one(local: Local, database: Database, role: str) -> None:
    others = {r for s in schemas_of("test", database) for r in (s.owner, *s.logins)} | {"interlock_admin"}
    with _as(local, database, role) as session:
        for other in sorted(others - {role}):
            with pytest.raises(
                errors.InsufficientPrivilege, match=f'permission denied to set role "{other}"'
            ):
                session.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(other)))


def test_later_table_is_separated_too(local: Local, database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, folder)
    (folder / "trading" / "0002_later.py").write_text(LATER)
    done = migrate(local.admin_dsn(), database, environment="test", secrets=local.secrets, folder=folder)
    assert done == ["paper_trading_test 0002_later", "live_trading_test 0002_later"]
    with _as(local, database, PAPER) as session:
        session.execute("INSERT INTO paper_trading_test.later VALUES (1)")
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute("SELECT * FROM live_trading_test.later")
    with _as(local, database, LIVE) as session:
        assert session.execute("SELECT count(*) FROM live_trading_test.later").fetchone() == (0,)
    assert pending(local.admin_dsn(), database, environment="test", secrets=local.secrets) == []


@pytest.mark.parametrize("role", [PAPER, LIVE])
def test_orders_are_never_deleted(local: Local, database: Database, role: str) -> None:
    with _as(local, database, role) as session:
        for words in ("DELETE FROM", "TRUNCATE", "DROP TABLE"):
            with pytest.raises(errors.InsufficientPrivilege):
                session.execute(
                    sql.SQL("{} {}").format(sql.SQL(words), sql.Identifier(*TABLES[role].split(".")))
                )
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute("CREATE TABLE public.mine (n int)")
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute("CREATE TEMP TABLE mine (n int)")


def test_ledger_only_ever_grows(local: Local, database: Database) -> None:
    insert = "INSERT INTO ledger.entries VALUES (%s, %s, %s, %s, %s, %s, %s)"
    with _as(local, database, WRITER) as writer:
        writer.execute(insert, _entry(1, "0", "a"))
        writer.execute(insert, _entry(2, "a", "b"))
        with pytest.raises(errors.UniqueViolation, match="entries_prev_key"):
            writer.execute(insert, _entry(3, "a", "c"))
        for change in (
            "UPDATE ledger.entries SET body = 'x'",
            "DELETE FROM ledger.entries",
            "TRUNCATE ledger.entries",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                writer.execute(change)
    with _as(local, database, READER) as reader:
        assert reader.execute("SELECT count(*) FROM ledger.entries").fetchone() == (2,)
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute(insert, _entry(3, "b", "c"))


@pytest.mark.parametrize(
    "change", ["UPDATE ledger.entries SET body = ''", "DELETE FROM ledger.entries", "TRUNCATE ledger.entries"]
)
def test_even_the_administrator_meets_the_trigger(local: Local, database: Database, change: str) -> None:
    refused = pytest.raises(errors.RaiseException, match="the ledger is append-only")
    with psycopg.connect(local.admin_dsn(database.name)) as admin, refused:
        admin.execute(change.encode())


def test_wrong_password_and_administrator_stay_out(local: Local, database: Database) -> None:
    place = {"host": "127.0.0.1", "port": database.port, "dbname": database.name}
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(user=PAPER, password="wrong", **place)  # type: ignore[arg-type]
    word = (local.secrets / "interlock_admin").read_text().strip()
    with pytest.raises(psycopg.OperationalError, match="rejects connection"):
        psycopg.connect(user="interlock_admin", password=word, **place)  # type: ignore[arg-type]


def test_password_files_are_private_and_differ(local: Local, database: Database) -> None:
    files = [local.secrets / role for s in schemas_of("test", database) for role in s.logins]
    assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600"] * 4
    assert len({file.read_text() for file in files}) == 4
    assert oct(local.secrets.stat().st_mode & 0o777) == "0o700"
