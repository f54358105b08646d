"""What the engine recorded of one order: its journal on this machine first, the Postgres projection after it.

Never writes and never decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ci.delivery.errors import reaching
from ci.errors import UnreachableError, UsageError
from config.models.environment import Environment
from engine.journal.scan import read as read_journal
from engine.stores import postgres


@dataclass(frozen=True, slots=True)
class Row:
    """What the engine recorded: the body of the journal's intent or denial, its account, and where it was found."""

    body: Mapping[str, Any]
    account: str
    found_in: str
    is_denied: bool


def find(order_id: str, environment: Environment, state: Path) -> Row:
    """The order in the engine's journals of this machine, else in the Postgres projection; UsageError when in none."""
    for journal in sorted((state / environment.environment / "engine").glob("**/journal")):
        found = _in_journal(order_id, journal)
        if found is not None:
            return found
    found = _in_projection(order_id, environment, state)
    if found is None:
        raise UsageError(
            f"no order `{order_id}` in {environment.environment}",
            f"looked into the journals below {state / environment.environment / 'engine'} and into Postgres",
        )
    return found


def _in_journal(order_id: str, journal: Path) -> Row | None:
    account = ""
    for each in read_journal(journal.read_bytes()):
        account = str(each.body.get("account", account)) if each.type == "cfg" else account
        if (
            each.type in ("intent", "deny", "sending")
            and each.body.get("id") == order_id
            and "flag" in each.body
        ):
            return Row(each.body, account, f"journal record {each.seq}", each.type == "deny")
    return None


def _in_projection(order_id: str, environment: Environment, state: Path) -> Row | None:
    schema = environment.database.paper_schema
    file = state / "secrets" / f"{schema}_app"
    if not file.exists():
        raise UnreachableError(
            f"no password of role `{file.name}` in {file.parent}",
            f"`interlock reconcile --env {environment.environment} --apply` makes it",
        )
    password = file.read_text(encoding="ascii").strip()
    with (
        reaching(environment),
        postgres(environment.database, user=file.name, password=password) as connection,
    ):
        return _projected(connection, schema, order_id)


def _projected(connection: psycopg.Connection[Any], schema: str, order_id: str) -> Row | None:
    query = sql.SQL("SELECT body::json, account_id FROM {} WHERE order_id = %s").format(
        sql.Identifier(schema, "orders")
    )
    row = connection.execute(query, (order_id,)).fetchone()
    return Row(row[0], row[1], f"table {schema}.orders", False) if row else None
