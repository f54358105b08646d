"""No client of ours waits longer than it says, whatever the server does."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator

import psycopg
import pytest
import redis

from config.models.environment import Database, Redis
from engine.stores import CONNECT_TIMEOUT, REDIS_TIMEOUT, STATEMENT_TIMEOUT, postgres, redis_client
from infra.local import Local

ROLE = "paper_trading_test_app"


@pytest.fixture
def password(local: Local, database: Database) -> str:
    return (local.secrets / ROLE).read_text().strip()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield listener.getsockname()[1]


def test_stalled_redis_fails_within_its_time(redis_section: Redis) -> None:
    client = redis_client(redis_section)
    server = int(client.info("server")["process_id"])
    os.kill(server, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(redis.TimeoutError):
            client.ping()
        assert REDIS_TIMEOUT <= time.monotonic() - started < 3 * REDIS_TIMEOUT
    finally:
        os.kill(server, signal.SIGCONT)
    assert client.ping()


def test_silent_redis_fails_within_its_time(silent_port: int) -> None:
    client = redis_client(Redis(host="localhost", port=silent_port, tls=False))
    started = time.monotonic()
    with pytest.raises(redis.TimeoutError):
        client.ping()
    assert time.monotonic() - started < 3 * REDIS_TIMEOUT


def test_tls_is_asked_for_and_verified(silent_port: int) -> None:
    client = redis_client(Redis(host="localhost", port=silent_port, tls=True))
    settings = client.connection_pool.connection_kwargs
    assert "ssl_cert_reqs" not in settings or settings["ssl_cert_reqs"] == "required"
    with pytest.raises(redis.RedisError):
        client.ping()


def test_silent_postgres_fails_within_its_time(silent_port: int, database: Database, password: str) -> None:
    place = Database(
        host="localhost",
        port=silent_port,
        name=database.name,
        tls=False,
        paper_schema="x",
        live_schema=None,
    )
    started = time.monotonic()
    with pytest.raises(psycopg.OperationalError):
        postgres(place, user=ROLE, password=password)
    assert time.monotonic() - started < CONNECT_TIMEOUT + 2


def test_long_statement_is_ended_by_the_server(database: Database, password: str) -> None:
    with postgres(database, user=ROLE, password=password) as connection:
        started = time.monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(30)")
        assert time.monotonic() - started < STATEMENT_TIMEOUT + 1
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_stalled_postgres_is_an_error_not_a_wait(database: Database, password: str) -> None:
    connection = postgres(database, user=ROLE, password=password)
    backend = connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(psycopg.OperationalError, match=r"the server did not answer within 3\.0 s"):
            connection.execute("SELECT 1")
        assert time.monotonic() - started < STATEMENT_TIMEOUT + 3
    finally:
        os.kill(backend, signal.SIGCONT)
    assert connection.closed


def test_wrong_password_is_refused_at_once(database: Database) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        postgres(database, user=ROLE, password="wrong")
