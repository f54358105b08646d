"""DRAWDOWN: no entry once equity fell too far from its highest session close.

Source: 04-engine 8.8 (10 %, inclusive), seed 004 (max drawdown).
"""

from __future__ import annotations

from engine import money
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.DRAWDOWN
LIMIT = "limits.max_drawdown_percent"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny at the limit and beyond it."""
    fall, share = view.peak_equity - view.equity, view.limits.drawdown_share
    if fall * share.under >= share.over * view.peak_equity:
        return Denied(CODE, f"fell {money.text(fall)} from {money.text(view.peak_equity)}")
    return None
