"""A desk with a published head, and the real engine as a child process on it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ci.demo.engine_process import EngineProcess, Line
from config.models.environment import Redis
from infra.local import Local
from infra.migrations import migrate
from tests.desk import Desk, section_of

PROGRAM = "from ci.main import main; raise SystemExit(main())"


class Town(Desk):
    """A desk whose engine can be started, watched and stopped."""

    engines: list[EngineProcess]

    @property
    def folder(self) -> Path:
        """The engine's own files."""
        return self.local.state / "dev" / "engine"

    def words(self, verb: str, *more: str) -> list[str]:
        return [sys.executable, "-c", PROGRAM, verb, "--env", "dev", "--state", str(self.local.state), *more]

    def engine(self, *more: str) -> Running:
        """Start `interlock engine`."""
        words = ["--feed", "generated", *(more or ("--pace", "200", "--until-stopped"))]
        process = EngineProcess(self.words("engine", *words), self.root)
        self.engines.append(process)
        return Running(process)


class Running:
    """Log lines of one engine, waited for with a deadline."""

    def __init__(self, process: EngineProcess) -> None:
        self.process = process

    def await_line(self, event: str, since: int = 0, within: float = 20, **fields: Any) -> Line:
        def fits(line: Line) -> bool:
            return all(line.get(name) == value for name, value in fields.items())

        line = self.process.wait(event, since, within, fits)
        assert line is not None, (event, fields, self.lines()[-8:], self.process.last_words())
        return line

    def lines(self) -> list[Line]:
        with self.process._changed:
            return list(self.process._lines)

    def since(self) -> int:
        return self.process.count()


@pytest.fixture(scope="session")
def migrated_once(local: Local, create_database: Callable[..., str]) -> str:
    """A database to copy: alembic is paid for once."""
    section = section_of(local, create_database())
    migrate(local.admin_dsn(section.name), section, environment="dev", secrets=local.secrets)
    return section.name


@pytest.fixture
def town(
    tmp_path: Path,
    local: Local,
    create_database: Callable[..., str],
    migrated_once: str,
    redis_section: Redis,
) -> Iterator[Town]:
    made = Town.make(tmp_path / "repository", local, create_database(migrated_once), redis_section)
    assert isinstance(made, Town)
    made.engines = []
    shutil.rmtree(made.folder, ignore_errors=True)
    yield made
    for engine in made.engines:
        engine.stop()
    shutil.rmtree(made.folder, ignore_errors=True)
