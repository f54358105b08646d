"""OPPOSITE_POSITION: an entry never turns or thins a position of the other side; exits do that.

Source: 04-engine 8.7.
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.OPPOSITE_POSITION
LIMIT = None
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny an entry against what is held or on its way."""
    line = view.lines.get(intent.symbol)
    if line is not None and (line.quantity * intent.side < 0 or line.pending * intent.side < 0):
        return Denied(CODE, f"holds {line.quantity} {intent.symbol}, {line.pending} on the way")
    return None
