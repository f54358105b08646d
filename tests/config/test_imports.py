"""YAML comes in by one door and goes out by one; the way in stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "policies", "infra", "engine", "ci")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in (
            "import_module",
            "__import__",
        ):
            yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


def importers(package: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if any(name == package or name.startswith(f"{package}.") for name in imported(path))
    }


def test_only_the_reader_imports_a_yaml_parser() -> None:
    found = importers("yaml")
    assert "config/reading/walk.py" in found
    assert {path for path in found if not path.startswith("config/reading/")} == set()


def test_only_the_writer_imports_ruamel() -> None:
    assert importers("ruamel") == {"config/edit.py"}


def test_only_the_closed_schema_imports_cerberus_here() -> None:
    assert {path for path in importers("cerberus") if path.startswith("config/")} == {
        "config/closed_schema.py"
    }


@pytest.mark.parametrize("module", ["config.desired", "config.bundle", "config.digest", "config.schema_walk"])
def test_what_the_engine_needs_knows_no_yaml(module: str) -> None:
    program = f"import sys, {module}; print([n for n in ('yaml', 'config.reading', 'cerberus') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "[]"


def test_reading_imports_nothing_heavy() -> None:
    heavy = ("pydantic", "cerberus", "ruamel.yaml", "rfc8785", "difflib", "asyncio", "subprocess", "unittest")
    program = f"import sys, config.reading; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "[]"
