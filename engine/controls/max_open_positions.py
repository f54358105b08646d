"""MAX_OPEN_POSITIONS: how many symbols may be held, pending or unknown at once.

Source: 04-engine 8.7, RTS 6 Art 8.
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.MAX_OPEN_POSITIONS
LIMIT = "limits.max_open_positions"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny one symbol too many."""
    others = sum(1 for symbol, line in view.lines.items() if symbol != intent.symbol and line.held)
    if others + 1 > view.limits.open_positions:
        return Denied(CODE, f"{others} open, limit {view.limits.open_positions}")
    return None
