"""Says where the source of a rule could do more than judge: an import list, and names that reach clocks or files.

The first of two nets: a test holds every rule to it; the second (ci/judging) watches system calls while rules run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

ALLOWED_IMPORTS = (
    "__future__",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "functools",
    "itertools",
    "json",
    "math",
    "re",
    "typing",
    "config.findings",
    "config.schema_walk",
    "policies.aws_places",
    "policies.aws_sizes",
    "policies.inputs",
    "policies.paths",
    "policies.planned",
    "policies.rule",
    "policies.sample",
    "policies.window",
)
ALLOWED_PREFIXES = ("config.models.",)
FORBIDDEN_NAMES = (
    "__builtins__",
    "__import__",
    "breakpoint",
    "compile",
    "delattr",
    "eval",
    "exec",
    "exit",
    "globals",
    "hash",
    "help",
    "id",
    "input",
    "locals",
    "open",
    "print",
    "quit",
    "setattr",
    "vars",
)
"""`hash` and `id` differ from run to run; the rest reach the world or change it."""
FORBIDDEN_ATTRIBUTES = (
    "__class__",
    "__code__",
    "__dict__",
    "__globals__",
    "__setattr__",
    "__subclasses__",
    "environ",
    "getenv",
    "now",
    "today",
    "utcnow",
)
_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def impurities(source: str) -> Iterator[tuple[int, str]]:
    """Line and sentence of everything a rule must not do."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (
                (node.lineno, f"imports `{one.name}`") for one in node.names if not _allowed(one.name)
            )
        elif isinstance(node, ast.ImportFrom):
            if node.level or not _allowed(node.module or ""):
                yield node.lineno, f"imports from `{'.' * node.level}{node.module or ''}`"
        elif isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
            yield node.lineno, f"uses `{node.id}`"
        elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_ATTRIBUTES:
            yield node.lineno, f"reaches for `.{node.attr}`"
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield node.lineno, "keeps state between runs"
        elif isinstance(node, ast.AsyncFunctionDef | ast.Await):
            yield node.lineno, "waits"
    yield from _calls_at_import(tree)


def _allowed(module: str) -> bool:
    return module in ALLOWED_IMPORTS or module.startswith(ALLOWED_PREFIXES)


def _calls_at_import(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Statements that do something when the module is loaded, beside naming constants and samples."""
    for node in tree.body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        declares = isinstance(
            node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
        )
        if not declares and not is_docstring:
            yield node.lineno, "does something when it is loaded"
