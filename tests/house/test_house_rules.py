"""The house keeps its own rules: sizes, first lines, forbidden calls, and a list of rooms that is complete."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "policies", "infra", "engine", "ci")
MOST_LINES_OF_A_FILE = 350
MOST_LINES_OF_A_FUNCTION = 50
FORBIDDEN = {
    "eval",
    "exec",
    "compile",
    "os.system",
    "os.popen",
    "yaml.load",
    "pickle.load",
    "pickle.loads",
    "marshal.loads",
}
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


def _complaints(judge: Callable[[str, ast.Module], Iterator[str]]) -> list[str]:
    return [f"{module}:{said}" for module in MODULES for said in judge(module, _parsed(module))]


def _size(module: str, tree: ast.Module) -> Iterator[str]:
    if not ast.get_docstring(tree):
        yield "1 has no first line that promises something"
    lines = len((ROOT / module).read_text().splitlines())
    if lines > MOST_LINES_OF_A_FILE:
        yield f"1 has {lines} lines"
    for function in _functions(tree):
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > MOST_LINES_OF_A_FUNCTION:
            yield f"{function.lineno} {function.name} has {length} lines"


def _code_from_values(module: str, tree: ast.Module) -> Iterator[str]:
    # config/edit.py is the only writer: its `yaml` is ruamel's round trip, which constructs nothing
    allowed = {"yaml.load"} if module == "config/edit.py" else set()
    for name, call in _calls(tree):
        if name in FORBIDDEN - allowed:
            yield f"{call.lineno} calls {name}"
        for keyword in call.keywords:
            if keyword.arg == "shell" and ast.unparse(keyword.value) != "False":
                yield f"{call.lineno} runs a shell"


def _prints(module: str, tree: ast.Module) -> Iterator[str]:
    if not module.startswith("ci/output/"):
        yield from (f"{call.lineno} prints" for name, call in _calls(tree) if name == "print")


def test_modules_are_short_and_say_what_they_promise() -> None:
    assert _complaints(_size) == []


def test_values_are_data_and_never_code() -> None:
    assert _complaints(_code_from_values) == []


def test_only_the_output_room_prints() -> None:
    assert _complaints(_prints) == []


def test_every_room_is_known_to_the_import_contracts() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == set(ROOMS)
    assert set(project["tool"]["importlinter"]["root_packages"]) == packages
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == packages


def test_the_top_level_holds_the_frame_and_nothing_else() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert folders <= {
        *ROOMS,
        "tests",
        "benchmarks",
        "docs",
        "build",
    }  # build: what the tests write, ignored by Git


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
