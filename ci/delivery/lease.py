"""One reconcile per environment: a lock the server drops with its holder's connection, never by a clock.

The lock only keeps runs apart; what protects the world is the generation checked where the write lands.
"""

from __future__ import annotations

import os
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from ci.delivery.errors import OvertakenError

_CLASS = 0x494C
_TRIES_PER_SECOND = 10
PATIENCE_SECONDS = 10


@contextmanager
def lease(
    connection: psycopg.Connection[Any],
    environment: str,
    wait: Callable[[float], None],
    patience: int = PATIENCE_SECONDS,
) -> Iterator[Callable[[str], None]]:
    """Hold the environment's lease, or say who does after `patience` seconds; yields how to say the last step."""
    key = (_CLASS, _signed(zlib.crc32(environment.encode())))
    holder = f"reconcile {environment} {os.getpid()}@{socket.gethostname():.16}"
    _name(connection, f"{holder} waiting")
    for _ in range(patience * _TRIES_PER_SECOND):
        if _is_taken(connection, key):
            break
        wait(1 / _TRIES_PER_SECOND)
    else:
        raise OvertakenError(
            f"another reconcile of `{environment}` is running: {_holder(connection, key)}",
            "wait for it; a dead one loses the lease with its connection, "
            "a stuck one is ended with `SELECT pg_terminate_backend(PID)` and can no longer write",
        )
    try:
        yield lambda step: _name(connection, f"{holder} {step}")
    finally:
        if not connection.broken:
            connection.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _name(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute("SELECT set_config('application_name', %s, false)", (name[:63],))


def _is_taken(connection: psycopg.Connection[Any], key: tuple[int, int]) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", key).fetchone()
    return bool(row and row[0])


def _holder(connection: psycopg.Connection[Any], key: tuple[int, int]) -> str:
    row = connection.execute(
        "SELECT a.application_name, a.pid, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        "WHERE l.locktype = 'advisory' AND l.classid::bigint = %s AND l.objid::bigint = %s AND l.granted",
        (key[0], key[1] & 0xFFFFFFFF),
    ).fetchone()
    return f"{row[0]}, server process {row[1]}, since {row[2]:%H:%M:%S %Z}" if row else "it has just ended"


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number
