"""REDUCE_ONLY: live exits together never exceed the position they close.

Source: 04-engine 8.7, zerodha 194 (an exit went live by itself); stop, target and exit of one trade count once.
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import EXITS, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.REDUCE_ONLY
LIMIT = None
APPLIES_TO = EXITS


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny an exit that, with the live exits of other trades, would open or turn a position."""
    line = view.lines.get(intent.symbol)
    held, others = 0, 0
    if line is not None:
        held = line.quantity
        others = sum(line.covered.values()) - line.covered.get(intent.signal_id, 0)
    if intent.quantity > 0 and held * intent.side < 0 and intent.quantity + others <= abs(held):
        return None
    return Denied(CODE, f"exit of {intent.quantity} beside {others}, position is {held}")
