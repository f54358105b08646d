"""CONSEC_LOSS: no entry after too many losing trades in a row, until the next session.

Source: seeds 002 and 003 (consecutive losses), 04-engine 8.8: a trade that nets zero neither counts nor resets.
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.CONSEC_LOSS
LIMIT = "limits.max_consecutive_losses"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny while the streak stands."""
    if view.losing_streak >= view.limits.losses_in_a_row:
        return Denied(CODE, f"{view.losing_streak} losing trades in a row")
    return None
