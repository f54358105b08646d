"""Says where the source of a rule could do more than judge: lists of what it may import and say, all else is told.

The first of two nets: a test holds every rule to it; the second (ci/judging) watches system calls while rules run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

OWN_MODULES = (
    "config.findings",
    "config.schema_walk",
    "policies.inputs",
    "policies.paths",
    "policies.planned",
    "policies.rule",
    "policies.sample",
    "policies.window",
)
OWN_PREFIXES = ("config.models.", "policies.aws_")
NAMES_OF = {
    "__future__": ("annotations",),
    "collections": ("Counter", "defaultdict"),
    "collections.abc": ("Callable", "Iterable", "Iterator", "Mapping", "Sequence", "Set"),
    "dataclasses": ("fields", "replace"),
    "datetime": ("UTC", "date", "datetime", "time", "timedelta", "timezone", "tzinfo"),
    "decimal": ("Decimal",),
    "enum": ("Enum",),
    "functools": ("partial",),
    "itertools": ("chain", "combinations", "groupby", "islice", "pairwise", "product", "repeat"),
    "math": ("ceil", "floor", "gcd", "isclose", "isfinite", "log2"),
    "typing": ("Any", "Final", "Literal", "NamedTuple", "cast"),
}
"""Modules of the standard library, and the names a rule may take from them."""
PARTS_OF = {
    "json": ("JSONDecodeError", "dumps", "loads"),
    "re": (
        *("IGNORECASE", "MULTILINE", "Match", "Pattern", "compile", "escape", "findall", "finditer"),
        *("fullmatch", "match", "search", "split", "sub"),
    ),
}
"""Modules that may be imported whole, and the only parts of them that may be named."""
FORBIDDEN_NAMES = (
    *("breakpoint", "compile", "delattr", "eval", "exec", "exit", "globals", "hash", "help", "id", "input"),
    *("locals", "memoryview", "open", "print", "quit", "setattr", "super", "vars"),
)
"""`hash` and `id` differ from run to run; the rest reach the world or change it."""
FORBIDDEN_PARTS = (
    *("ag_frame", "cr_frame", "f_back", "f_builtins", "f_globals", "f_locals", "gi_frame", "tb_frame", "mro"),
    *("environ", "getenv", "modules", "fromtimestamp", "utcfromtimestamp", "today", "utcnow"),
    *("format", "format_map", "getcontext", "setcontext", "localcontext"),
)
"""Ways to frames, clocks and the environment; `format` reads attributes by name."""
MUTATORS = (
    *("add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse"),
    *("setdefault", "sort", "update"),
)
AT_IMPORT = (
    *("Decimal", "date", "datetime", "fields", "frozenset", "iter", "len", "next", "range", "sorted"),
    *("timedelta", "tuple"),
)
"""What may be called while a rule is loaded, beside its own functions and what it takes from our modules."""
_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
Told = tuple[int, str]


def impurities(source: str) -> Iterator[Told]:
    """Line and sentence of everything a rule must not do."""
    tree = ast.parse(source)
    shared = {name for node in tree.body for name in _bound(node)}
    for node in ast.walk(tree):
        yield from _imports(node)
        yield from _words(node)
        yield from _ways_out(node)
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            yield from _keeps_state(node, shared)
    yield from _texts(tree)
    yield from _at_import(tree)


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name


def _imports(node: ast.AST) -> Iterator[Told]:
    if isinstance(node, ast.Import):
        for one in node.names:
            if one.name not in PARTS_OF or one.asname:
                yield node.lineno, f"imports `{one.name}`"
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        is_own = module in OWN_MODULES or module.startswith(OWN_PREFIXES)
        for one in node.names:
            is_known = one.name in NAMES_OF.get(module, ()) or (is_own and one.name[0] not in "_*")
            if node.level or not is_known or (not is_own and one.asname):
                yield node.lineno, f"imports `{one.name}` from `{'.' * node.level}{module}`"


def _words(node: ast.AST) -> Iterator[Told]:
    if isinstance(node, ast.Name):
        if node.id in FORBIDDEN_NAMES or node.id.startswith("__"):
            yield node.lineno, f"uses `{node.id}`"
    elif isinstance(node, ast.Attribute):
        whole = node.value.id if isinstance(node.value, ast.Name) else ""
        is_part = node.attr in PARTS_OF.get(whole, (node.attr,))
        is_clock = node.attr == "now" and whole != "change"  # what stands now, after a change, is no clock
        if is_clock or node.attr in FORBIDDEN_PARTS or node.attr.startswith("__") or not is_part:
            yield node.lineno, f"reaches for `.{node.attr}`"
        if not isinstance(node.ctx, ast.Load):
            yield node.lineno, f"changes `.{node.attr}`"
    elif isinstance(node, ast.MatchClass):
        for name in node.kwd_attrs:
            if name.startswith("__"):
                yield node.lineno, f"reaches for `.{name}`"


def _ways_out(node: ast.AST) -> Iterator[Told]:
    if isinstance(node, ast.Global | ast.Nonlocal):
        yield node.lineno, "keeps state between runs"
    elif isinstance(node, ast.AsyncFunctionDef | ast.Await):
        yield node.lineno, "waits"
    elif isinstance(node, ast.ExceptHandler):
        caught = {one.id for one in ast.walk(node.type or node) if isinstance(one, ast.Name)}
        if node.type is None or "BaseException" in caught:
            yield node.lineno, "would swallow the interruption of a rule that never ends"
    elif isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "now":
            yield node.lineno, "reads a clock"
        if called == "getattr" and not (len(node.args) > 1 and _is_plain(node.args[1])):
            yield node.lineno, "puts the name of an attribute together"
        if isinstance(node.func, ast.Attribute) and node.func.attr == "astimezone" and not node.args:
            yield node.lineno, "asks the machine for its zone"


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute | ast.Constant)


def _keeps_state(function: ast.FunctionDef | ast.Lambda, shared: set[str]) -> Iterator[Told]:
    """Changes of what outlives one run: names of the module, what was handed in, defaults of arguments."""
    arguments = function.args
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if isinstance(default, _MUTABLE):
            yield default.lineno, "keeps state between runs, in the default of an argument"
    if isinstance(function, ast.FunctionDef):
        yield from ((one.lineno, "is wrapped by a decorator") for one in function.decorator_list)
    handed = {one.arg for one in (*arguments.args, *arguments.posonlyargs, *arguments.kwonlyargs)}
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            changed = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changed = node.func.value if node.func.attr in MUTATORS else ast.Constant(None)
        else:
            continue
        while isinstance(changed, ast.Attribute | ast.Subscript):
            changed = changed.value
        if isinstance(changed, ast.Name) and changed.id in shared | handed:
            yield node.lineno, f"changes `{changed.id}`, which outlives the run"


def _texts(tree: ast.Module) -> Iterator[Told]:
    """Names of attributes of the machinery, spelt as text."""
    told = {
        one.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef)
        for one in node.body[:1]
        if isinstance(one, ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in told and "__" in str(node.value):
            yield node.lineno, "spells a name of Python's machinery"


def _at_import(tree: ast.Module) -> Iterator[Told]:
    """Statements that do something when the module is loaded, beside naming constants and samples."""
    own = {
        one.asname or one.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("config.", "policies."))
        for one in node.names
    }
    own.update(node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    for node in tree.body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            yield from _calls(node.value, own)
        elif not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef) and not is_docstring:
            yield node.lineno, "does something when it is loaded"


def _calls(value: ast.expr, own: set[str]) -> Iterator[Told]:
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            is_ours = called in own or called in AT_IMPORT or isinstance(node.func, ast.Attribute)
            if not is_ours:
                yield node.lineno, f"calls `{called}` when it is loaded"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            yield node.lineno, "raises to a power when it is loaded"
