"""RATE: entries in any second and in one session.

Source: RTS 6 Art 15 (maximum messages); exits are counted but never denied here.
"""

from __future__ import annotations

from engine.clock import SECOND
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.RATE
LIMIT = "limits.max_orders_per_second"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny one order too many."""
    since = view.now - SECOND
    in_second = sum(1 for at in view.sent if at > since)
    if in_second >= view.limits.orders_per_second:
        return Denied(CODE, f"{in_second} orders in this second")
    if view.sent_in_session >= view.limits.orders_per_day:
        return Denied(CODE, f"{view.sent_in_session} orders in this session")
    return None
