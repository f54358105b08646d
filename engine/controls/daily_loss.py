"""DAILY_LOSS: no entry once the session's loss, realised and open, reached its limit.

Source: seeds 002 and 003 (3 %), 04-engine 8.8: inclusive, fees counted.
"""

from __future__ import annotations

from engine import money
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.DAILY_LOSS
LIMIT = "limits.max_daily_loss_percent"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny at the limit and beyond it."""
    loss, share = view.start_equity - view.equity, view.limits.daily_loss_share
    if loss * share.under >= share.over * view.start_equity:
        return Denied(CODE, f"lost {money.text(loss)} of {money.text(view.start_equity)}")
    return None
