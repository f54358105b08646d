"""QTY_ZERO: nothing is left after sizing.

Source: 04-engine 8.2 (quantity is floored, never rounded up to one lot).
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.QTY_ZERO
LIMIT = "sizing.risk_percent"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny an entry of no units."""
    return Denied(CODE, "risk and caps leave no whole lot") if intent.quantity <= 0 else None
