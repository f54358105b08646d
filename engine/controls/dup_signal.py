"""DUP_SIGNAL: a signal id acts once, ever; two of the same symbol and side came moments apart.

Source: SEC 15c3-5 (duplicate prevention), 04-engine 8.7; catalyst 317: "Ordering again", four times.
"""

from __future__ import annotations

from engine.clock import SECOND
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.DUP_SIGNAL
LIMIT = "limits.duplicate_window_seconds"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny a repeat."""
    if intent.signal_id in view.seen:
        return Denied(CODE, f"signal {intent.signal_id} was seen before")
    last = view.recent.get((intent.symbol, intent.side))
    apart = 0 if last is None else abs((intent.received_at or view.now) - last)
    if last is not None and apart <= view.limits.duplicate_window > 0:
        return Denied(CODE, f"same symbol and side, received {apart // SECOND} s apart")
    return None
