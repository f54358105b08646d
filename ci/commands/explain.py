"""`interlock explain RULE`: why a rule exists, what it refuses, how to fix it; `explain ORDER_ID`: why an order was."""

from __future__ import annotations

import argparse

from ci.context import Context
from ci.errors import CLEAN, UsageError
from ci.output.document import Document, Table
from policies.notices import title_and_fix
from policies.pages import samples, why
from policies.registry import RULES, rule_by_name
from policies.rule import Rule

NAME = "explain"
HELP = "Say why a rule exists, with samples and the way out; or why an order was allowed or refused."
EXAMPLES = (
    "interlock explain LIM001",
    "interlock explain live_trading_in_dev",
    "interlock explain ORDER_ID --env dev",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="RULE|ORDER_ID", help="id or name of a rule, or the id of an order")
    parser.add_argument("--env", help="the environment of the order")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    rule = rule_by_name(chosen.what)
    if rule is not None:
        return document(rule, {"tool_root": str(context.tool_root)})
    title, fix = title_and_fix(chosen.what.upper())
    if title:
        return _notice(chosen.what.upper(), title, fix, {"tool_root": str(context.tool_root)})
    if chosen.env is None:
        raise UsageError(f"no rule is called `{chosen.what}`", _meant(chosen.what))
    from ci.commands.order_answer import answer

    return answer(chosen.what, chosen.env, context)


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


def _notice(notice: str, title: str, fix: str, roots: dict[str, str]) -> Document:
    """What is told by the reader, the proof or the waivers, not by a rule."""
    return Document(
        schema="interlock.explain/1",
        title=f"explain {notice}",
        exit_code=CLEAN,
        summary=f"to fix: {fix}" if fix else "the finding itself says what to write",
        facts=roots | {"notice": notice, "refuses": title},
    )


def _meant(word: str) -> str:
    from difflib import get_close_matches

    names = [name for rule in RULES for name in (rule.META.id, rule.META.slug)]
    close = get_close_matches(word[:64], [*names, *map(str.lower, names)], n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else "docs/rules lists them all; an order needs --env"
