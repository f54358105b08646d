"""The ways a reconcile stops half-way on purpose; each leaves the world at least as safe as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import redis

from ci.errors import REFUSED, InterlockError, UnreachableError
from config.models.environment import Environment


class OvertakenError(InterlockError):
    """Somebody else wrote what we had looked at; nothing was overwritten."""

    exit_code = REFUSED


class GateFailedError(InterlockError):
    """A step between the two snapshots failed, so the target alone is not published."""

    exit_code = REFUSED


@contextmanager
def reaching(environment: Environment) -> Iterator[None]:
    """Name the backend when it does not answer."""
    try:
        yield
    except psycopg.OperationalError as error:
        place = f"Postgres at {environment.database.host}:{environment.database.port}"
        raise UnreachableError(f"{place} did not answer: {_first_line(error)}", _HELP) from error
    except redis.RedisError as error:
        place = f"Redis at {environment.redis.host}:{environment.redis.port}"
        word = (
            "did not answer" if isinstance(error, redis.ConnectionError | redis.TimeoutError) else "refused"
        )
        raise UnreachableError(f"{place} {word}: {_first_line(error)}", _HELP) from error


_HELP = "look at `interlock local status`; on this machine `interlock local up` starts both"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
