"""DUP_SIGNAL: a signal id acts once, ever; the same symbol and side rest a moment after an entry.

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
    if last is not None and view.now - last < view.limits.duplicate_window:
        return Denied(CODE, f"same symbol and side {(view.now - last) // SECOND} s ago")
    return None
