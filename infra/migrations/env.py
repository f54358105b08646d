"""What alembic runs for one schema: in the caller's connection, as the owner, a transaction per migration."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from infra.migrations.schemas import Schema

connection: Connection = context.config.attributes["connection"]
schema: Schema = context.config.attributes["schema"]

connection.execute(text(f'SET ROLE "{schema.owner}"'))
connection.execute(text(f'SET search_path TO "{schema.name}"'))
connection.commit()
context.configure(connection=connection, version_table_schema=schema.name, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
