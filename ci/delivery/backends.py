"""The Redis and the Postgres of one environment as reconcile reaches them: each asked once, each named when silent.

Never makes a server or a password; `interlock local up` and the migrations do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import redis

from ci.delivery.errors import GateFailedError, reaching
from ci.delivery.smoke import smoke
from ci.errors import UnreachableError
from config.models.environment import Environment
from engine.flags.store import FlagStore
from engine.stores import postgres, redis_client


class Backends:
    """Connections of one run, opened when first needed and closed together."""

    def __init__(self, environment: Environment, state: Path) -> None:
        self.environment = environment
        self._state = state

    @cached_property
    def redis(self) -> redis.Redis:
        """The client of the environment's Redis; whether it answers shows at its first call."""
        return redis_client(self.environment.redis)

    @cached_property
    def store(self) -> FlagStore:
        """The flags in that Redis."""
        return FlagStore(self.redis, self.environment.environment)

    @cached_property
    def ledger(self) -> psycopg.Connection[Any]:
        """A connection as the ledger's writer."""
        return self._as(self._writer)

    def demand_writer(self) -> None:
        """UnreachableError when the password of the ledger's writer is gone: without it the ledger is not judged."""
        file = self._state / "secrets" / self._writer
        if not file.exists():
            raise UnreachableError(
                f"no password of role `{self._writer}` in {file.parent}",
                "put the file back from its backup; the ledger was not looked at",
            )

    @property
    def _writer(self) -> str:
        return f"ledger_{self.environment.environment.replace('-', '_')}_writer"

    def pending(self) -> tuple[str, ...]:
        """Migrations not applied yet, the ledger's own among them."""
        from infra.migrations import pending

        return tuple(pending(self._admin, self.environment.database, **self._names))

    def migrate(self) -> tuple[str, ...]:
        """Apply them all."""
        from infra.migrations import MigrationError, migrate

        try:
            return tuple(migrate(self._admin, self.environment.database, **self._names))
        except MigrationError as error:
            raise GateFailedError(error.message, error.help) from error
        except Exception as error:  # alembic wraps what the server said
            said = getattr(error, "orig", None)
            raise said if isinstance(said, psycopg.OperationalError) else error from error

    def smoke(self) -> tuple[str, ...]:
        """Complaints of the smoke tests; empty when everything a release needs is there."""
        app = self._as(f"{self.environment.database.paper_schema}_app")
        try:
            return smoke(self.environment, app, self.store)
        finally:
            app.close()

    def close(self) -> None:
        """Give every connection back."""
        for name in ("ledger", "redis"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def _as(self, role: str) -> psycopg.Connection[Any]:
        file = self._state / "secrets" / role
        try:
            password = file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise UnreachableError(
                f"no password of role `{role}` in {file.parent}",
                "the migrations make it: reconcile with --apply",
            ) from None
        return postgres(self.environment.database, user=role, password=password)

    @property
    def _names(self) -> dict[str, Any]:
        return {"environment": self.environment.environment, "secrets": self._state / "secrets"}

    @cached_property
    def _admin(self) -> str:
        from infra.local.places import places
        from infra.local.postgres_server import admin_dsn
        from infra.migrations import MigrationError, remote_admin_dsn

        place = self.environment.database
        if place.host != "localhost":
            try:
                return remote_admin_dsn(place, self._state / "secrets")
            except MigrationError as error:
                raise UnreachableError(error.message, error.help) from error
        if not self._state.is_dir():
            raise UnreachableError(
                f"no administrator of Postgres at {place.host}:{place.port} is known in {self._state}",
                "`interlock local up` starts the parts of this machine (`--state` names another folder)",
            )
        return admin_dsn(places(self._state), place.port, place.name)


@contextmanager
def connected(environment: Environment, state: Path) -> Iterator[Backends]:
    """The backends while they are needed; a silent one becomes UnreachableError with its place."""
    backends = Backends(environment, state)
    with reaching(environment):
        try:
            yield backends
        finally:
            backends.close()
