"""MAX_GROSS: everything held, pending or unknown, as a share of start-of-day equity.

Source: 04-engine 8.7, SEC 15c3-5 (capital thresholds on orders entered, not on fills).
"""

from __future__ import annotations

from engine import money
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.MAX_GROSS
LIMIT = "limits.max_gross_percent"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny above the share; equality passes."""
    line = view.lines.get(intent.symbol)
    if line is None:
        return None
    added = line.instrument.value(max(intent.price, line.mark), intent.quantity or line.instrument.lot)
    value, share = view.gross + added, view.limits.gross_share
    if value * share.under > share.over * view.start_equity:
        return Denied(CODE, f"{money.text(value)} of {money.text(view.start_equity)}")
    return None
