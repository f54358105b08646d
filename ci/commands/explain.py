"""`interlock explain RULE`: why a rule exists, what it refuses, how to fix it; `explain ORDER_ID`: why an order was."""

from __future__ import annotations

import argparse
import importlib
import re
from types import ModuleType

from ci.context import Context
from ci.errors import CLEAN, UsageError
from ci.output.document import Document, Table
from policies.pages import samples, why
from policies.registry import RULES, rule_by_name
from policies.rule import Rule

NAME = "explain"
HELP = "Say why a rule exists, with samples and the way out; or why an order was allowed or refused."
EXAMPLES = ("interlock explain LIM001", "interlock explain live_trading_in_dev")
_ORDERS = "ci.commands.explain_order"
"""The module that explains orders; it has the same `arguments` and `run`."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="RULE|ORDER_ID", help="id or name of a rule, or the id of an order")
    orders = _orders()
    if orders is not None:
        orders.arguments(parser)


def run(chosen: argparse.Namespace, context: Context) -> Document:
    rule = rule_by_name(chosen.what)
    if rule is not None:
        return document(rule, {"tool_root": str(context.tool_root)})
    orders = _orders()
    if orders is None or re.fullmatch(r"[A-Za-z]{3}[0-9]{3}|[a-z][a-z0-9_]*", chosen.what):
        raise UsageError(f"no rule is called `{chosen.what}`", _meant(chosen.what))
    answer: Document = orders.run(chosen, context)
    return answer


def document(rule: Rule, roots: dict[str, str]) -> Document:
    """Everything a rule says of itself."""
    meta = rule.META
    what, because = why(rule)
    facts = {
        "rule": f"{meta.id} {meta.slug}",
        "refuses": what,
        "why": because or meta.title,
        "severity": meta.severity.value,
        "scope": f"{meta.scope.value}, judged by `interlock {meta.scope.judged_by}`",
        "tiers": ", ".join(meta.tiers),
        "reads": list(meta.reads),
        "source": meta.source,
    }
    return Document(
        schema="interlock.explain/1",
        title=f"explain {meta.id}",
        exit_code=CLEAN,
        summary=f"to fix: {meta.fix}",
        facts=roots | facts,
        tables=(Table("samples", ("verdict", "sample", "edits of the sample world"), tuple(samples(rule))),),
    )


def _orders() -> ModuleType | None:
    try:
        return importlib.import_module(_ORDERS)
    except ModuleNotFoundError as error:
        if error.name != _ORDERS:
            raise
        return None


def _meant(word: str) -> str:
    from difflib import get_close_matches

    names = [name for rule in RULES for name in (rule.META.id, rule.META.slug)]
    close = get_close_matches(word[:64], [*names, *map(str.lower, names)], n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else "docs/rules lists them all"
