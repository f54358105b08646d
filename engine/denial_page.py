"""The published table of denial codes, made from the controls themselves.

Never edited by hand: `make generate` writes it.
"""

from __future__ import annotations

from inspect import getdoc

from engine.control import CONTROLS, Control
from engine.orders import Leg

_HEAD = """# Why an order is denied

Denied is ours, rejected is the venue's. All controls of a leg are asked; `code` is the first that refuses in this
order, `codes` are all of them. Legs: E entry, SL stop loss, TP take profit, X strategy or time exit, F flatten.
Protective exits (SL, TP, F) are asked so little that no state, limit or clock can keep them in.

| code | asked for | limit | rule | source |
|--|--|--|--|--|
"""
_TAIL = """
Beside the controls: `WAIT_EXPIRED` (a signal waited until its expiry), `ENTRY_GAPPED` (the open lay at or beyond the
stop or the target, nothing was filled). Signals that are refused before they can become an order: signals.md.
"""


def page() -> str:
    """The page in Markdown."""
    return _HEAD + "".join(_row(control) for control in CONTROLS) + _TAIL


def _row(control: Control) -> str:
    rule, _, source = (getdoc(control) or "").partition("\n\n")
    legs = " ".join(leg.value for leg in Leg if leg in control.APPLIES_TO)
    code, limit = control.CODE.value, control.LIMIT or "-"
    says = rule.removeprefix(f"{code}: ").replace("|", "\\|").replace("\n", " ")
    why = source.removeprefix("Source: ").replace("|", "\\|").replace("\n", " ")
    return f"| `{code}` | {legs} | `{limit}` | {says} | {why} |\n"
