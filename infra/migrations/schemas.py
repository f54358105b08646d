"""Which schemas, owners and roles one environment has in its database, and who may do what in each.

Never connects: names and rights only.
"""

from __future__ import annotations

from dataclasses import dataclass

from config.models.environment import Database
from infra.errors import InfraError

_ROOM_FOR_SUFFIX = 57  # a longer name would be cut silently, and two roles could become one


class MigrationError(InfraError):
    """The database cannot be brought to what the environment says."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema, the role that owns it and can't log in, and what each login role may do with its tables."""

    name: str
    history: str
    owner: str
    grants: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def logins(self) -> tuple[str, ...]:
        """The roles that may log in and see this schema."""
        return tuple(role for role, _ in self.grants)


def schemas_of(environment: str, database: Database) -> tuple[Schema, ...]:
    """Paper, live where there is one, and the ledger."""
    names = [database.paper_schema, *([database.live_schema] if database.live_schema else [])]
    made = (*(_trading(name) for name in names), _ledger("ledger_" + environment.replace("-", "_")))
    roles = [role for schema in made for role in (schema.owner, *schema.logins)]
    if len(set(roles)) != len(roles):
        raise MigrationError(
            f"two schemas of `{environment}` share a role", "give paper and live schemas of their own"
        )
    for schema in made:
        if len(schema.owner) > _ROOM_FOR_SUFFIX + len("_owner"):
            raise MigrationError(
                f"schema name `{schema.name}` is too long", f"{_ROOM_FOR_SUFFIX} characters at most"
            )
    return made


def _trading(name: str) -> Schema:
    return Schema(name, "trading", f"{name}_owner", ((f"{name}_app", ("INSERT", "SELECT", "UPDATE")),))


def _ledger(stem: str) -> Schema:
    writer, reader = (f"{stem}_writer", ("INSERT", "SELECT")), (f"{stem}_reader", ("SELECT",))
    return Schema("ledger", "ledger", f"{stem}_owner", (writer, reader))
