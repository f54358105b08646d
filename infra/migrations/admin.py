"""How migrations reach the administrator of a server that is not this machine's own.

Never makes a password: whoever made the server writes it down once, in a file of its own.
"""

from __future__ import annotations

from pathlib import Path

from psycopg import conninfo

from config.models.environment import Database
from infra.local.postgres_server import ADMIN
from infra.migrations.schemas import MigrationError

_CONNECT_SECONDS = 5


def remote_admin_dsn(database: Database, secrets: Path, user: str = ADMIN) -> str:
    """The administrator's way in, over TLS wherever the environment says so."""
    file = secrets / f"{user}@{database.host}"
    try:
        password = file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        password = ""
    if not password:
        raise MigrationError(
            f"no administrator of Postgres at {database.host}:{database.port} is known in {secrets}",
            f"write the password of `{user}` to {file.name} there, mode 0600 (on RDS it is the managed master secret)",
        )
    return conninfo.make_conninfo(
        host=database.host,
        port=database.port,
        user=user,
        password=password,
        dbname=database.name,
        sslmode="verify-full" if database.tls else "disable",
        connect_timeout=_CONNECT_SECONDS,
    )
