"""The database of an environment: roles, schemas, tables and rights, expanded first and contracted later."""

from infra.migrations.admin import remote_admin_dsn
from infra.migrations.run import migrate, pending
from infra.migrations.schemas import MigrationError, Schema, schemas_of

__all__ = ["MigrationError", "Schema", "migrate", "pending", "remote_admin_dsn", "schemas_of"]
