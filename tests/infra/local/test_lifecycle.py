"""The servers come up, stay one, keep what they hold, and go."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from infra.local import Local, LocalError, down, running, status, up


def _redis(local: Local, *words: str) -> bytes:
    import socket

    with socket.create_connection(("127.0.0.1", local.redis_port), timeout=5) as line:
        line.sendall((" ".join(words) + "\r\n").encode())
        return line.recv(4096)


def test_second_up_keeps_what_runs(tmp_path: Path) -> None:
    with running(tmp_path / "s", durable=False, discard=True) as first:
        before = status(first.state)
        again = up(first.state)
        assert (again.redis_port, again.postgres_port) == (first.redis_port, first.postgres_port)
        assert status(first.state) == before
        assert all(server.is_answering for server in before)


def test_data_survives_down_and_up(tmp_path: Path) -> None:
    state = tmp_path / "a folder, with blanks and a comma" / ("deep" * 20) / "s"
    with running(state, databases=("kept",), discard=True) as first:
        _redis(first, "SET", "key", "value")
        with psycopg.connect(first.admin_dsn("kept")) as admin:
            admin.execute("CREATE TABLE kept (n int)")
        assert down(state) == ["redis", "postgres"]
        assert [server.pid for server in status(state)] == [None, None]
        second = up(state)
        assert _redis(second, "GET", "key") == b"$5\r\nvalue\r\n"
        with psycopg.connect(second.admin_dsn("kept")) as admin:
            assert admin.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert (second.redis_port, second.postgres_port) == (first.redis_port, first.postgres_port)


def test_down_of_nothing_is_fine(tmp_path: Path) -> None:
    assert down(tmp_path / "never") == []
    assert status(tmp_path / "never") == ()
    assert not (tmp_path / "never").exists()


def test_other_port_while_running_is_refused(local: Local) -> None:
    with pytest.raises(LocalError, match=rf"redis already runs on port {local.redis_port}, not 1"):
        up(local.state, redis_port=1)
