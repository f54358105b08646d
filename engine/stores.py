"""The only client settings for Redis and PostgreSQL: every wait is bounded and nothing is retried.

Never decides what a lost backend means; callers do. Measured why (06-release.md §0.6): redis-py with its
defaults needed 59 s to notice a stopped server, and 9.8 s with a time-out of 0.5 s, because retries multiply it.
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
import redis
from psycopg import errors
from psycopg.abc import PQGen
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from config.models.environment import Database, Redis

REDIS_TIMEOUT = 0.2
CONNECT_TIMEOUT = 2
STATEMENT_TIMEOUT = 2.0
_GRACE = 1.0
_LOOPBACK = "127.0.0.1"

RV = TypeVar("RV")


def redis_client(place: Redis, *, username: str | None = None, password: str | None = None) -> redis.Redis:
    """A client that fails after 0.2 s of silence and answers in bytes."""
    return redis.Redis(
        host=_numeric(place.host),
        port=place.port,
        ssl=place.tls,
        username=username,
        password=password,
        socket_timeout=REDIS_TIMEOUT,
        socket_connect_timeout=REDIS_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        health_check_interval=0,
        protocol=2,
        driver_info=None,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )


class BoundedConnection(psycopg.Connection[Any]):
    """A connection on which no single answer is waited for longer than the statement's time and a second."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, STATEMENT_TIMEOUT + _GRACE)
        except errors._WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError(
                f"the server did not answer within {STATEMENT_TIMEOUT + _GRACE} s"
            ) from None


def postgres(database: Database, *, user: str, password: str, autocommit: bool = True) -> BoundedConnection:
    """A connection as `user`; a stopped server costs two seconds here and three per statement, then an error."""
    return BoundedConnection.connect(
        host=_numeric(database.host),
        port=database.port,
        dbname=database.name,
        user=user,
        password=password,
        sslmode="verify-full" if database.tls else "disable",
        connect_timeout=CONNECT_TIMEOUT,
        autocommit=autocommit,
        application_name="interlock",
        options=f"-c statement_timeout={int(STATEMENT_TIMEOUT * 1000)} -c lock_timeout={int(STATEMENT_TIMEOUT * 1000)}",
    )


def _numeric(host: str) -> str:
    """Local servers listen on one loopback address; resolving the name could try another first and double the wait."""
    return _LOOPBACK if host == "localhost" else host
