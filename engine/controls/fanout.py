"""FANOUT: one signal causes few orders, and never more entry quantity than it asked for.

Source: Knight 34-70694 para 14-16 (212 parent orders became four million executions).
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.FANOUT
LIMIT = "limits.max_orders_per_signal"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny a signal that has caused enough."""
    count, entered = view.fanout.get(intent.signal_id, (0, 0))
    if count + 1 > view.limits.orders_per_signal:
        return Denied(CODE, f"{count} orders of {intent.signal_id}")
    if entered:
        return Denied(CODE, f"{intent.signal_id} has entered {entered} already")
    return None
