"""Pulling the kill: the trip file first, before any configuration or store is asked; then Redis.

Never fails because one of the two did, and never kills an environment that nobody runs or declares.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ci.errors import InterlockError, UsageError
from ci.git import Repository
from engine.killing.trip_file import write_trip

if TYPE_CHECKING:
    from config.models.environment import Environment


@dataclass(frozen=True, slots=True)
class Kill:
    """Who stops what, where and why."""

    environment: str
    scope: str
    person: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was written; an empty error means that way worked.

    epoch: what a release must name.  heard: the epoch the engine hears of first, by the file where that was written.
    """

    epoch: int
    heard: int
    file_error: str
    redis_error: str

    @property
    def is_nothing(self) -> bool:
        """Whether neither way worked."""
        return bool(self.file_error and self.redis_error)


def engine_folder(state: Path, environment: str) -> Path:
    """Where the engine of this environment keeps its own files."""
    return state / environment / "engine"


def pull(kill: Kill, folder: Path, checkout: Path) -> Pulled:
    """Kill by file and by Redis; UsageError when nobody runs or declares the environment."""
    if not folder.is_dir() and isinstance(found := _declared(kill.environment, checkout), str):
        raise UsageError(
            f"no engine of `{kill.environment}` ever ran with this state, and HEAD does not declare it",
            f"check the name and --state ({folder}); {found}",
        )
    epoch, file_error = _by_file(kill, folder)
    in_redis, redis_error = _by_redis(kill, epoch, checkout)
    return Pulled(max(epoch, in_redis), in_redis if file_error else epoch, file_error, redis_error)


def _by_file(kill: Kill, folder: Path) -> tuple[int, str]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return write_trip(folder, kill.scope, person=kill.person, reason=kill.reason, at=kill.at), ""
    except OSError as error:
        return 0, f"{folder}: {error.strerror}"


def _by_redis(kill: Kill, epoch: int, checkout: Path) -> tuple[int, str]:
    environment = _declared(kill.environment, checkout)
    if isinstance(environment, str):
        return 0, environment
    import redis

    from engine.flags.store import FlagStore
    from engine.stores import redis_client

    where = environment.redis
    try:
        store = FlagStore(redis_client(where), kill.environment)
        return store.raise_kill(kill.scope, floor=max(epoch - 1, 0), by=kill.person, reason=kill.reason), ""
    except redis.RedisError as error:
        return 0, f"{where.host}:{where.port}: {type(error).__name__}: {error}"


def _declared(name: str, checkout: Path) -> Environment | str:
    """The environment as HEAD declares it, or why it is not known."""
    from config.findings import Refused
    from config.reading import load

    try:
        desired = load(Repository.discover(checkout).commit_tree("HEAD"))
    except InterlockError as error:
        return error.message
    if isinstance(desired, Refused):
        return f"HEAD cannot be read: {desired.findings[0].message}"
    return desired.environments.get(name) or f"HEAD declares no `{name}`"
