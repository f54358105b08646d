"""What must work before the target alone goes out: the app's own role, its schema, its limits, a fit Redis.

Never uses the administrator: it looks with the eyes of the process that will trade.
"""

from __future__ import annotations

from typing import Any

import psycopg

from config.models.environment import Environment
from engine.flags.store import FlagStore


def smoke(environment: Environment, app: psycopg.Connection[Any], store: FlagStore) -> tuple[str, ...]:
    """Every complaint; empty when fit."""
    database = environment.database
    found = list(store.complaints())
    if not _may(app, database.paper_schema):
        found.append(f"the paper role may not use its schema `{database.paper_schema}`")
    if database.live_schema is not None and _may(app, database.live_schema):
        found.append(f"the paper role may use the live schema `{database.live_schema}`")
    return tuple(found)


def _may(connection: psycopg.Connection[Any], schema: str) -> bool:
    row = connection.execute(
        "SELECT coalesce(has_schema_privilege(current_user, to_regnamespace(%s)::oid, 'USAGE'), false)",
        (schema,),
    ).fetchone()
    return bool(row and row[0])
