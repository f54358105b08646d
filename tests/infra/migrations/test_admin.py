"""A server elsewhere: its administrator is no superuser, is reached over the network, and is never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql

from config.models.environment import Database
from infra.local import Local
from infra.migrations import MigrationError, migrate, pending, remote_admin_dsn

MASTER = "master_of_a_managed_server"


@pytest.fixture
def managed(local: Local, empty_database: Database, tmp_path: Path) -> Iterator[Database]:
    """A database as a managed service hands it over: its master may make roles and is nothing more."""
    name, role = sql.Identifier(empty_database.name), sql.Identifier(MASTER)
    with psycopg.connect(local.admin_dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD 'word'").format(role))
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, role))
        admin.execute(sql.SQL("GRANT CONNECT ON DATABASE postgres TO {}").format(role))
        (tmp_path / f"{MASTER}@127.0.0.1").write_text("word\n")
        mine = replace(empty_database, host="127.0.0.1", tls=False)
        # roles belong to the whole server: names no other test makes
        yield replace(mine, paper_schema="paper_managed", live_schema="live_managed")
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        admin.execute(sql.SQL("REVOKE CONNECT ON DATABASE postgres FROM {}").format(role))
        admin.execute(sql.SQL("DROP ROLE {}").format(role))


def test_master_of_a_managed_server_migrates_and_finds_nothing_then(
    managed: Database, tmp_path: Path
) -> None:
    dsn = remote_admin_dsn(managed, tmp_path, MASTER)
    done = migrate(dsn, managed, environment="managed", secrets=tmp_path)
    assert done[-1] == "ledger 0001_entries"
    assert pending(dsn, managed, environment="managed", secrets=tmp_path) == []


@pytest.mark.parametrize("content", [None, "", "\n"], ids=["missing", "empty", "blank"])
def test_unknown_administrator_is_named_with_the_file_to_write(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "interlock_admin@db.example.com").write_text(content)
    with pytest.raises(MigrationError) as refused:
        remote_admin_dsn(_far(), tmp_path)
    assert (
        refused.value.message == f"no administrator of Postgres at db.example.com:5432 is known in {tmp_path}"
    )
    assert refused.value.help.startswith(
        "write the password of `interlock_admin` to interlock_admin@db.example.com"
    )


def test_the_way_to_a_server_elsewhere_is_verified(tmp_path: Path) -> None:
    (tmp_path / "interlock_admin@db.example.com").write_text("word\n")
    told = conninfo.conninfo_to_dict(remote_admin_dsn(_far(), tmp_path))
    assert (told["sslmode"], told["user"], told["password"]) == ("verify-full", "interlock_admin", "word")


def _far() -> Database:
    return Database(
        host="db.example.com", port=5432, name="d", tls=True, paper_schema="paper_trading_d", live_schema=None
    )
