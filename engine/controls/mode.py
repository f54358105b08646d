"""MODE: an order goes out only in the mode its signal names, and only if Git wired that mode.

Source: 04-engine 8.1, seed 004 FIX 7 (a signal was routed by its age, and live signals went to the backtest).
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import EVERY_LEG, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.MODE
LIMIT = "venue.mode"
APPLIES_TO = EVERY_LEG


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny a signal of another mode, and an engine that runs in a mode Git did not wire."""
    if intent.mode != view.mode:
        return Denied(CODE, f"signal says {intent.mode}, engine runs {view.mode}")
    if view.mode not in ("backtest", view.venue_mode):
        return Denied(CODE, f"engine runs {view.mode}, Git wires {view.venue_mode}")
    return None
