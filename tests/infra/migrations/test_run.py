"""Migrating twice, at once, after a crash or after meddling comes to the same end."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.models.environment import Database
from infra import migrations
from infra.local import Local, running, status
from infra.migrations import MigrationError, migrate, pending, schemas_of

PAPER = "paper_trading_test_app"


def _pending(local: Local, database: Database) -> list[str]:
    return pending(local.admin_dsn(), database, environment="test", secrets=local.secrets)


def _migrate(local: Local, database: Database) -> list[str]:
    return migrate(local.admin_dsn(), database, environment="test", secrets=local.secrets)


def test_second_run_has_nothing_to_do(local: Local, empty_database: Database) -> None:
    assert "ledger 0001_entries" in _pending(local, empty_database)
    done = _migrate(local, empty_database)
    assert done[-3:] == [
        "paper_trading_test 0001_orders_and_denials",
        "live_trading_test 0001_orders_and_denials",
        "ledger 0001_entries",
    ]
    assert _pending(local, empty_database) == []
    assert _migrate(local, empty_database) == []


def test_live_schema_may_come_later(local: Local, empty_database: Database) -> None:
    _migrate(local, replace(empty_database, live_schema=None))
    with psycopg.connect(local.admin_dsn(empty_database.name)) as admin:
        assert admin.execute("SELECT to_regnamespace('live_trading_test')").fetchone() == (None,)
    assert "live_trading_test 0001_orders_and_denials" in _migrate(local, empty_database)
    assert _pending(local, empty_database) == []


def test_two_runs_at_once_agree(local: Local, empty_database: Database) -> None:
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda _: _migrate(local, empty_database), range(3)))
    assert sorted(map(len, runs))[:2] == [0, 0]
    assert _pending(local, empty_database) == []


def _killed_at(statement: int, dsn: str, database: Database, secrets: Path) -> None:
    seen = 0
    execute = psycopg.Cursor.execute

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, *args, **kwargs)

    psycopg.Cursor.execute = counted  # type: ignore[method-assign]
    migrate(dsn, database, environment=f"e{statement}", secrets=secrets)


def _fresh(database: Database, name: str, statement: int) -> Database:
    """Roles belong to the whole server: each try gets names nobody has made yet."""
    return replace(database, name=name, paper_schema=f"paper_{statement}", live_schema=f"live_{statement}")


@pytest.mark.slow
def test_killed_at_any_statement_converges(
    local: Local, empty_database: Database, create_database: Any
) -> None:
    fork = multiprocessing.get_context("fork")
    for statement in range(1, 1000, 4):
        database = _fresh(empty_database, create_database(), statement)
        child = fork.Process(target=_killed_at, args=(statement, local.admin_dsn(), database, local.secrets))
        child.start()
        child.join(60)
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL, f"statement {statement}"
        where = {"environment": f"e{statement}", "secrets": local.secrets}
        migrate(local.admin_dsn(), database, **where)  # type: ignore[arg-type]
        left = pending(local.admin_dsn(), database, **where)  # type: ignore[arg-type]
        assert left == [], f"killed at statement {statement}"
    assert statement > 100


LIVE_ORDERS, PAPER_ORDERS = "live_trading_test.orders", "paper_trading_test.orders"
MEDDLING = {
    f"GRANT USAGE ON SCHEMA live_trading_test TO {PAPER}": f"no USAGE of {PAPER} on schema live_trading_test",
    f"GRANT SELECT ON {LIVE_ORDERS} TO {PAPER}": f"no SELECT of {PAPER} on table {LIVE_ORDERS}",
    f"GRANT DELETE ON {PAPER_ORDERS} TO {PAPER}": f"no DELETE of {PAPER} on table {PAPER_ORDERS}",
    f"REVOKE SELECT ON {PAPER_ORDERS} FROM {PAPER}": f"SELECT of {PAPER} on table {PAPER_ORDERS}",  # noqa: S608
    f"GRANT SELECT ON {PAPER_ORDERS} TO PUBLIC": f"no SELECT of PUBLIC on table {PAPER_ORDERS}",
    f"GRANT live_trading_test_app TO {PAPER}": f"role {PAPER} no longer in live_trading_test_app",
    f"ALTER ROLE {PAPER} SUPERUSER": f"role {PAPER} made plain again",
    f"ALTER ROLE {PAPER} PASSWORD 'other'": f"password of {PAPER}",
    "ALTER SCHEMA live_trading_test OWNER TO paper_trading_test_owner": "owner of schema live_trading_test",
}


@pytest.mark.parametrize("meddling", sorted(MEDDLING))
def test_rights_changed_by_hand_are_found_and_healed(local: Local, database: Database, meddling: str) -> None:
    with psycopg.connect(local.admin_dsn(database.name), autocommit=True) as admin:
        admin.execute(meddling.encode())
    try:
        assert MEDDLING[meddling] in _pending(local, database)
    finally:
        assert MEDDLING[meddling] in _migrate(local, database)
    assert _pending(local, database) == []


def test_lost_password_file_is_made_anew(local: Local, database: Database) -> None:
    (local.secrets / PAPER).unlink()
    assert _pending(local, database) == [f"password of {PAPER}"]
    assert _migrate(local, database) == [f"password of {PAPER}"]
    assert _pending(local, database) == []


def test_shared_schema_name_is_refused(database: Database) -> None:
    with pytest.raises(MigrationError, match="two schemas of `test` share a role"):
        schemas_of("test", replace(database, live_schema=database.paper_schema))
    with pytest.raises(MigrationError, match="is too long"):
        schemas_of("test", replace(database, paper_schema="p" * 58))


def test_held_lock_is_reported(local: Local, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.migrations.run._LOCK_WAIT", "200ms")
    with psycopg.connect(local.admin_dsn(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(7213094508118)")
        with pytest.raises(MigrationError, match="another migration holds the lock for more than 200ms"):
            _migrate(local, database)


def test_no_migration_takes_anything_away() -> None:
    contraction = re.compile(
        r"\b(DROP (TABLE|COLUMN|SCHEMA|CONSTRAINT)|RENAME|ALTER COLUMN|DELETE FROM|TRUNCATE TABLE)\b", re.I
    )
    files = sorted(Path(migrations.__file__).parent.glob("*/[0-9]*.py"))
    assert [file.stem for file in files] == ["0001_entries", "0001_orders_and_denials"]
    assert [file.name for file in files if contraction.search(file.read_text())] == []


def test_stalled_server_is_given_up_in_bounded_time(tmp_path: Path) -> None:
    with running(tmp_path / "s", databases=("mine",), durable=False, discard=True) as servers:
        section = Database(
            host="localhost",
            port=servers.postgres_port,
            name="mine",
            tls=False,
            paper_schema="paper",
            live_schema=None,
        )
        pid = next(server.pid for server in status(servers.state) if server.name == "postgres")
        os.kill(pid or 0, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(psycopg.OperationalError, match="timeout"):
            pending(servers.admin_dsn(), section, environment="test", secrets=servers.secrets)
        assert time.monotonic() - started < 10
