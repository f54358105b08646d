"""SESSION: entries only while the instrument's calendar covers the date, is open, and is not about to close.

Source: 04-engine 8.7, seed 004 phase 3 (exchange holidays, MCX hours); 24/7 has no sessions.
"""

from __future__ import annotations

from engine.clock import SECOND
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.SESSION
LIMIT = "limits.no_entry_before_close_minutes"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny outside the session and in its last minutes."""
    if view.session_closed:
        return Denied(
            CODE, f"the market of {intent.symbol} is closed, or its calendar does not cover this day"
        )
    if 0 <= view.session_left <= view.limits.before_close:
        return Denied(CODE, f"{view.session_left // SECOND} s before the close")
    return None
