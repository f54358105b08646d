"""The house keeps its own rules: sizes, first lines, forbidden calls, and a list of rooms that is complete."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "policies", "infra", "engine", "ci")
MOST_LINES_OF_A_FILE = 350
MOST_LINES_OF_A_FUNCTION = 50
MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if path.stat().st_size
)


def _parsed(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(), module)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.mark.parametrize("module", MODULES)
def test_each_module_is_short_and_says_what_it_promises(module: str) -> None:
    tree = _parsed(module)
    assert ast.get_docstring(tree), f"{module}: the first line is a promise"
    assert len((ROOT / module).read_text().splitlines()) <= MOST_LINES_OF_A_FILE
    long = [
        f"{module}:{f.lineno} {f.name} has {f.end_lineno - f.lineno + 1} lines"
        for f in _functions(tree)
        if f.end_lineno is not None and f.end_lineno - f.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("module", MODULES)
def test_values_are_data_and_never_code(module: str) -> None:
    tree = _parsed(module)
    forbidden = {
        "eval",
        "exec",
        "compile",
        "pickle.loads",
        "pickle.load",
        "marshal.loads",
        "os.system",
        "os.popen",
        "yaml.load",
    }
    if module == "config/edit.py":  # the only writer: this `yaml` is ruamel's round trip, which constructs nothing
        forbidden = forbidden - {"yaml.load"}
    assert [f"{module}:{call.lineno} {name}" for name, call in _calls(tree) if name in forbidden] == []
    shells = [
        f"{module}:{call.lineno}"
        for _, call in _calls(tree)
        for keyword in call.keywords
        if keyword.arg == "shell"
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    assert shells == []


@pytest.mark.parametrize("module", [m for m in MODULES if not m.startswith(("ci/output/", "ci/main.py"))])
def test_only_the_output_room_prints(module: str) -> None:
    assert [f"{module}:{call.lineno}" for name, call in _calls(_parsed(module)) if name == "print"] == []


def test_every_room_is_known_to_the_import_contracts() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == set(ROOMS)
    assert set(project["tool"]["importlinter"]["root_packages"]) == packages
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == packages


def test_the_top_level_holds_the_frame_and_nothing_else() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert folders <= {*ROOMS, "tests", "benchmarks", "docs"}


def test_no_module_below_infra_shadows_a_room_or_the_library() -> None:
    import sys

    names = {path.stem for path in (ROOT / "infra").glob("*") if path.suffix == ".py" or path.is_dir()}
    assert names & ({*ROOMS, "tests"} | set(sys.stdlib_module_names) - {"__main__", "__init__"}) == set()


def test_git_is_called_in_one_place() -> None:
    callers = [
        module
        for module in MODULES
        for _, call in _calls(_parsed(module))
        for argument in call.args
        if isinstance(argument, ast.List)
        and argument.elts
        and isinstance(argument.elts[0], ast.Constant)
        and argument.elts[0].value == "git"
    ]
    assert callers == ["ci/git.py"]
