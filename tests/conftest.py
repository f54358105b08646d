"""Real servers for every test that asks: one Redis and one PostgreSQL per worker, gone when the worker is gone."""

from __future__ import annotations

import signal
import socket
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from config.models.environment import Database, Redis
from infra.local import Local, running
from infra.migrations import migrate

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as shells start what runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # or Ctrl-C would reach no process a test starts

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test speaks to anybody but this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def local() -> Iterator[Local]:
    """A running Redis and PostgreSQL in a throwaway state; `local.admin_dsn(name)`, `local.secrets`, the ports."""
    with (
        tempfile.TemporaryDirectory(prefix="il-") as folder,
        running(Path(folder) / "s", durable=False, discard=True) as servers,
    ):
        yield servers


@pytest.fixture
def redis_section(local: Local) -> Redis:
    """Settings of an empty Redis."""
    with socket.create_connection(("127.0.0.1", local.redis_port), timeout=5) as line:
        line.sendall(b"FLUSHALL\r\n")
        assert line.recv(64) == b"+OK\r\n"
    return Redis(host="localhost", port=local.redis_port, tls=False)


@pytest.fixture(scope="session")
def create_database(local: Local) -> Callable[..., str]:
    """Make a database and name it; `template` copies another one in some milliseconds."""

    def create(template: str = "template1") -> str:
        name = f"t_{uuid.uuid4().hex[:12]}"
        words = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
        with psycopg.connect(local.admin_dsn(), autocommit=True) as admin:
            admin.execute(sql.SQL(words).format(sql.Identifier(name), sql.Identifier(template)))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        return name

    return create


@pytest.fixture
def empty_database(local: Local, create_database: Callable[..., str]) -> Database:
    """Settings of a database without any schema of ours, as a production would name them: paper and live."""
    return section_of(local, create_database())


@pytest.fixture(scope="session")
def _migrated(local: Local, create_database: Callable[..., str]) -> str:
    """A database with all our schemas, to be copied."""
    name = create_database()
    migrate(local.admin_dsn(), section_of(local, name), environment="test", secrets=local.secrets)
    return name


@pytest.fixture
def database(local: Local, create_database: Callable[..., str], _migrated: str) -> Database:
    """Settings of a fresh migrated database (environment `test`): role passwords are in `local.secrets / role`."""
    section = section_of(local, create_database(_migrated))
    migrate(
        local.admin_dsn(), section, environment="test", secrets=local.secrets
    )  # the rights on the copy itself
    return section


def section_of(local: Local, name: str) -> Database:
    """The `database` section that names one of this server's databases."""
    return Database(
        host="localhost",
        port=local.postgres_port,
        name=name,
        tls=False,
        paper_schema="paper_trading_test",
        live_schema="live_trading_test",
    )
