"""Roles, schemas and grants as steps that look before they act: what already holds is left alone.

Never widens: a right that is not on the list of `schemas` is taken away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.sql import Composed, Identifier

from infra.migrations.schemas import Schema

Admin = Connection[tuple[Any, ...]]

_PLAIN_ROLE = """
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s AND rolcanlogin = %(login)s AND NOT rolinherit
  AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls))
"""
_FOREIGN_MEMBERS = """
SELECT r.rolname, m.rolname
FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
WHERE (r.rolname = ANY(%(roles)s) OR m.rolname = ANY(%(roles)s)) AND m.rolname <> current_user
ORDER BY 1, 2
"""
_MAY_BECOME = "SELECT coalesce(pg_has_role(current_user, to_regrole(quote_ident(%(owner)s)), 'SET'), true)"
_DATABASE_RIGHTS = """
SELECT coalesce(g.rolname, 'PUBLIC'), a.privilege_type
FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE d.datname = current_database() AND a.grantee <> d.datdba
"""
_SCHEMA_RIGHTS = """
SELECT coalesce(g.rolname, 'PUBLIC'), a.privilege_type
FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE n.nspname = %(schema)s AND a.grantee <> n.nspowner
"""
_TABLE_RIGHTS = """
SELECT DISTINCT c.relname, coalesce(g.rolname, 'PUBLIC'), a.privilege_type
FROM pg_class c, aclexplode(c.relacl) a
LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE c.relnamespace = to_regnamespace(quote_ident(%(schema)s)) AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
  AND a.grantee <> c.relowner
"""
_DEFAULTS = """
SELECT coalesce(g.rolname, 'PUBLIC'), a.privilege_type
FROM pg_default_acl d, aclexplode(d.defaclacl) a
LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE d.defaclnamespace = to_regnamespace(quote_ident(%(schema)s)) AND d.defaclobjtype = 'r'
  AND d.defaclrole = to_regrole(quote_ident(%(owner)s))
"""
_FUNCTION_DEFAULTS = """
SELECT EXISTS (SELECT FROM pg_default_acl WHERE defaclobjtype = 'f' AND defaclnamespace = 0
  AND defaclrole = to_regrole(quote_ident(%(owner)s)))
"""
_SCHEMA_OWNER = """
SELECT r.rolname FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE n.nspname = %(schema)s
"""
_HAS_VERSIONS = "SELECT to_regclass(format('%%I.alembic_version', %(schema)s::text)) IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that does not hold yet, and the statements that make it hold."""

    says: str
    statements: tuple[Composed, ...]


def steps(admin: Admin, schemas: tuple[Schema, ...]) -> Iterator[Step]:
    """What misses, in the order in which it can be made; each step is computed after the one before was applied."""
    for schema in schemas:
        yield from _role(admin, schema.owner, login=False)
        for role in schema.logins:
            yield from _role(admin, role, login=True)
    yield from _memberships(admin, schemas)
    yield from _database(admin, schemas)
    yield from _schema_rights(admin, "public", frozenset())
    for schema in schemas:
        yield from _schema(admin, schema)


def _true(admin: Admin, query: LiteralString, **values: object) -> bool:
    return admin.execute(query, values).fetchone() == (True,)


def _role(admin: Admin, role: str, *, login: bool) -> Iterator[Step]:
    if _true(admin, _PLAIN_ROLE, role=role, login=login):
        return
    can = sql.SQL("LOGIN" if login else "NOLOGIN")
    if not _true(admin, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s)", role=role):
        yield Step(f"role {role}", (_fill("CREATE ROLE {} NOINHERIT {}", Identifier(role), can),))
        return
    plain = "ALTER ROLE {} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT {}"
    yield Step(f"role {role} made plain again", (_fill(plain, Identifier(role), can),))


def _memberships(admin: Admin, schemas: tuple[Schema, ...]) -> Iterator[Step]:
    roles = [role for schema in schemas for role in (schema.owner, *schema.logins)]
    for group, member in admin.execute(_FOREIGN_MEMBERS, {"roles": roles}).fetchall():
        taken = _fill("REVOKE {} FROM {} CASCADE", Identifier(group), Identifier(member))
        yield Step(f"role {member} no longer in {group}", (taken,))
    for schema in schemas:
        if not _true(admin, _MAY_BECOME, owner=schema.owner):
            words = _fill("GRANT {} TO CURRENT_USER", Identifier(schema.owner))
            yield Step(f"membership in {schema.owner}", (words,))


def _database(admin: Admin, schemas: tuple[Schema, ...]) -> Iterator[Step]:
    wanted = {(role, "CONNECT") for schema in schemas for role in schema.logins}
    name = Identifier(admin.info.dbname)
    yield from _rights(
        f"database {admin.info.dbname}", _fill("DATABASE {}", name), _pairs(admin, _DATABASE_RIGHTS), wanted
    )


def _schema(admin: Admin, schema: Schema) -> Iterator[Step]:
    name, owner = Identifier(schema.name), Identifier(schema.owner)
    present = admin.execute(_SCHEMA_OWNER, {"schema": schema.name}).fetchone()
    if present is None:
        yield Step(f"schema {schema.name}", (_fill("CREATE SCHEMA {} AUTHORIZATION {}", name, owner),))
    elif present != (schema.owner,):
        yield Step(f"owner of schema {schema.name}", (_fill("ALTER SCHEMA {} OWNER TO {}", name, owner),))
    yield from _schema_rights(admin, schema.name, frozenset(schema.logins))
    yield from _defaults(admin, schema)
    if not _true(admin, _HAS_VERSIONS, schema=schema.name):
        columns = "CREATE TABLE {}.alembic_version (version_num varchar(32) PRIMARY KEY)"
        rights = _fill("GRANT SELECT, INSERT, UPDATE, DELETE ON {}.alembic_version TO {}", name, owner)
        yield Step(f"versions of schema {schema.name}", (_fill(columns, name), rights))
    yield from _tables(admin, schema)


def _schema_rights(admin: Admin, schema: str, logins: frozenset[str]) -> Iterator[Step]:
    wanted = {(role, "USAGE") for role in logins}
    yield from _rights(
        f"schema {schema}",
        _fill("SCHEMA {}", Identifier(schema)),
        _pairs(admin, _SCHEMA_RIGHTS, schema=schema),
        wanted,
    )


def _rights(
    says: str, target: Composed, present: set[tuple[str, str]], wanted: set[tuple[str, str]]
) -> Iterator[Step]:
    for role, right in sorted(present - wanted):
        taken = _fill("REVOKE {} ON {} FROM {} CASCADE", _right(right), target, _grantee(role))
        yield Step(f"no {right} of {role} on {says}", (taken,))
    for role, right in sorted(wanted - present):
        given = _fill("GRANT {} ON {} TO {}", _right(right), target, _grantee(role))
        yield Step(f"{right} of {role} on {says}", (given,))


def _defaults(admin: Admin, schema: Schema) -> Iterator[Step]:
    """Rights on tables that do not exist yet: a later migration needs to remember nothing."""
    name, owner = Identifier(schema.name), Identifier(schema.owner)
    wanted = {(role, right) for role, rights in schema.grants for right in rights}
    present = _pairs(admin, _DEFAULTS, schema=schema.name, owner=schema.owner)
    begin = "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA {} "
    for role, right in sorted(present - wanted):
        taken = _fill(begin + "REVOKE {} ON TABLES FROM {}", owner, name, _right(right), _grantee(role))
        yield Step(f"no default {right} of {role} in {schema.name}", (taken,))
    for role, right in sorted(wanted - present):
        given = _fill(begin + "GRANT {} ON TABLES TO {}", owner, name, _right(right), _grantee(role))
        yield Step(f"default {right} of {role} in {schema.name}", (given,))
    if not _true(admin, _FUNCTION_DEFAULTS, owner=schema.owner):
        words = _fill("ALTER DEFAULT PRIVILEGES FOR ROLE {} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC", owner)
        yield Step(f"no functions of {schema.owner} for everybody", (words,))


def _tables(admin: Admin, schema: Schema) -> Iterator[Step]:
    """Rights on the tables that exist, versions apart: what was granted by hand is taken back."""
    allowed = {(role, right) for role, rights in schema.grants for right in rights}
    rows = admin.execute(_TABLE_RIGHTS, {"schema": schema.name}).fetchall()
    for table in sorted({table for table, *_ in rows} | _tables_of(admin, schema)):
        present = {(role, right) for name, role, right in rows if name == table}
        wanted = allowed
        if table == "alembic_version":
            wanted = {(schema.owner, right) for right in ("SELECT", "INSERT", "UPDATE", "DELETE")}
        target = _fill("TABLE {}.{}", Identifier(schema.name), Identifier(table))
        yield from _rights(f"table {schema.name}.{table}", target, present, wanted)


def _tables_of(admin: Admin, schema: Schema) -> set[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = %(schema)s"
    return {row[0] for row in admin.execute(query, {"schema": schema.name})}


def _right(name: str) -> sql.SQL:
    """A right, as this file or the server's own catalogue spells it."""
    return sql.SQL(name)


def _grantee(role: str) -> sql.Composable:
    return sql.SQL("PUBLIC") if role == "PUBLIC" else Identifier(role)


def _pairs(admin: Admin, query: LiteralString, **values: object) -> set[tuple[str, str]]:
    return {(row[0], row[1]) for row in admin.execute(query, values)}


def _fill(text: LiteralString, *parts: sql.Composable) -> Composed:
    return sql.SQL(text).format(*parts)
