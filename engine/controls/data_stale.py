"""DATA_STALE: no entry on a price that is too old, or on none.

Source: 04-engine 8.7 (freqtrade: missing data meant no protection; here it means no order).
"""

from __future__ import annotations

from engine.clock import SECOND
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.DATA_STALE
LIMIT = "limits.max_mark_age_bars"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny when the last price is older than its limit."""
    line = view.lines.get(intent.symbol)
    if line is None or line.mark <= 0:
        return Denied(CODE, f"no price of {intent.symbol} yet")
    age = view.now - line.marked_at
    oldest = view.limits.mark_age if view.mode == "live" else view.limits.mark_bars * view.span
    if age > oldest:
        return Denied(CODE, f"last price is {age // SECOND} s old, limit {oldest // SECOND} s")
    return None
