"""Brings one environment's database to its roles, schemas and tables; twice, at once or after a crash: the same end.

Never contracts: the engine of the release before still runs on what this leaves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo, errors, sql

from config.models.environment import Database
from infra.local.places import password
from infra.migrations.rights import Admin, Step, steps
from infra.migrations.schemas import MigrationError, Schema, schemas_of

_FOLDER = Path(__file__).parent
_LOCK_KEY = 7_213_094_508_118  # any number, as long as it stays
_LOCK_WAIT = "30s"
_STATEMENT = "60s"


def pending(admin_dsn: str, database: Database, *, environment: str, secrets: Path) -> list[str]:
    """What `migrate` would do, in words; changes nothing."""
    schemas = schemas_of(environment, database)
    with psycopg.connect(_into(admin_dsn, database.name), autocommit=True) as admin:
        found = [step.says for step in steps(admin, schemas)]
        found += [f"password of {role}" for role in _refused_logins(admin, schemas, secrets, make=False)]
        found += [
            f"{schema.name} {revision}" for schema in schemas for revision in _missing(admin, schema, _FOLDER)
        ]
    return found


def migrate(
    admin_dsn: str, database: Database, *, environment: str, secrets: Path, folder: Path = _FOLDER
) -> list[str]:
    """Do what is pending, under a lock of the whole server; what was done, in words. Passwords go to `secrets`."""
    schemas = schemas_of(environment, database)
    done: list[str] = []
    with _alone(admin_dsn), psycopg.connect(_into(admin_dsn, database.name)) as admin:
        for step in steps(admin, schemas):
            _apply(admin, step)
            done.append(step.says)
        admin.commit()
        admin.autocommit = True
        for role in _refused_logins(admin, schemas, secrets, make=True):
            _set_password(admin, role, password(secrets, role))
            done.append(f"password of {role}")
        for schema in schemas:
            missing = _missing(admin, schema, folder)
            if missing:
                _upgrade(_into(admin_dsn, database.name), schema, folder)
                done += [f"{schema.name} {revision}" for revision in missing]
    return done


def _apply(admin: Admin, step: Step) -> None:
    for statement in step.statements:
        admin.execute(statement)


def _into(dsn: str, name: str) -> str:
    options = f"-c statement_timeout={_STATEMENT} -c lock_timeout={_LOCK_WAIT}"
    return conninfo.make_conninfo(dsn, dbname=name, options=options, application_name="interlock migrate")


@contextlib.contextmanager
def _alone(admin_dsn: str) -> Iterator[None]:
    """One migration at a time on the whole server, because roles belong to all its databases; freed by death."""
    with psycopg.connect(_into(admin_dsn, "postgres"), autocommit=True) as guard:
        try:
            guard.execute("SELECT pg_advisory_lock(%s)", (_LOCK_KEY,))
        except errors.LockNotAvailable:
            raise MigrationError(
                f"another migration holds the lock for more than {_LOCK_WAIT}", "wait for it, or end it"
            ) from None
        yield


def _refused_logins(admin: Admin, schemas: tuple[Schema, ...], secrets: Path, *, make: bool) -> Iterator[str]:
    """Login roles whose password file misses or does not open the door."""
    for role in (role for schema in schemas for role in schema.logins):
        known = make or (secrets / role).exists()
        if not known or not _opens(admin, role, password(secrets, role)):
            yield role


def _opens(admin: Admin, role: str, word: str) -> bool:
    info = admin.info
    try:
        place: dict[str, Any] = {
            "host": info.host,
            "port": info.port,
            "dbname": info.dbname,
            "sslmode": info.get_parameters().get("sslmode", "prefer"),
            "connect_timeout": 2,
        }
        psycopg.connect(user=role, password=word, **place).close()
    except psycopg.OperationalError as error:
        if "authentication failed" in str(error) or "does not exist" in str(error) or "CONNECT" in str(error):
            return False
        raise
    return True


def _set_password(admin: Admin, role: str, word: str) -> None:
    """Send the scram verifier, never the word itself: it can't end in a server log."""
    verifier = admin.pgconn.encrypt_password(word.encode(), role.encode(), b"scram-sha-256").decode()
    admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))


def revisions(history: str, folder: Path = _FOLDER) -> list[str]:
    """Names of all migrations of one history, oldest first."""
    return sorted(file.stem for file in (folder / history).glob("[0-9]*.py"))


def _missing(admin: Admin, schema: Schema, folder: Path) -> list[str]:
    """Migrations this schema has not seen; none when it is ahead of this release, which must then live with it."""
    query = sql.SQL("SELECT version_num FROM {}.alembic_version").format(sql.Identifier(schema.name))
    try:
        row = admin.execute(query).fetchone()
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        row = None
    at = row[0] if row else ""
    return [name for name in revisions(schema.history, folder) if name[:4] > at]


def _upgrade(dsn: str, schema: Schema, folder: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    settings = Config(attributes={"schema": schema})
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    settings.set_main_option("version_locations", str(folder / schema.history).replace("%", "%%"))
    settings.set_main_option("path_separator", "newline")
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool)
    with engine.connect() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
