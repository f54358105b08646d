"""UNKNOWN_ON_SYMBOL: no entry in a symbol that has an order or a position nobody can explain.

Source: 04-engine 8.3 (hummingbot 8457, nautilus 4958: orders taken for dead were alive).
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.UNKNOWN_ON_SYMBOL
LIMIT = None
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny while any quantity of the symbol is unknown."""
    line = view.lines.get(intent.symbol)
    if line is not None and line.unknown:
        return Denied(CODE, f"{line.unknown} {intent.symbol} of unknown fate")
    if line is not None and line.blocked:
        return Denied(CODE, line.blocked)
    return None
