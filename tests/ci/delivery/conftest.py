"""A migrated database of an environment, copied from a template within milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ci.delivery.ledger import Ledger
from config.models.environment import Database, Redis
from engine.stores import postgres
from infra.local import Local
from infra.migrations import migrate
from tests.desk import Desk, section_of


@pytest.fixture(scope="session")
def migrated(local: Local, create_database: Callable[..., str]) -> str:
    """A database to copy: alembic is paid for once."""
    section = section_of(local, create_database())
    migrate(local.admin_dsn(section.name), section, environment="dev", secrets=local.secrets)
    return section.name


@pytest.fixture
def database(local: Local, create_database: Callable[..., str], migrated: str) -> Database:
    section = section_of(local, create_database(migrated))
    migrate(local.admin_dsn(section.name), section, environment="dev", secrets=local.secrets)
    return section


@pytest.fixture
def connect(local: Local, database: Database) -> Iterator[Callable[[str], psycopg.Connection]]:
    opened: list[psycopg.Connection] = []

    def connect_as(role: str) -> psycopg.Connection:
        password = (local.secrets / role).read_text().strip()
        opened.append(postgres(database, user=role, password=password))
        return opened[-1]

    yield connect_as
    for connection in opened:
        connection.close()


@pytest.fixture
def ledger(connect: Callable[[str], psycopg.Connection]) -> Ledger:
    return Ledger(connect("ledger_dev_writer"), "dev")


@pytest.fixture
def empty_desk(
    tmp_path: Path, local: Local, create_database: Callable[..., str], redis_section: Redis
) -> Desk:
    """A desk whose database holds nothing yet."""
    return Desk.make(tmp_path / "repository", local, create_database(), redis_section)


@pytest.fixture
def desk(
    tmp_path: Path, local: Local, create_database: Callable[..., str], redis_section: Redis, migrated: str
) -> Desk:
    """A desk whose database dev's migrations have seen already; nothing is published."""
    return Desk.make(tmp_path / "repository", local, create_database(migrated), redis_section)
