"""MAX_POSITION_PCT: position plus pending plus unknown of one symbol, as a share of start-of-day equity.

Source: seeds 002 and 003 (5 % per position), RTS 6 Art 8.
"""

from __future__ import annotations

from engine import money
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.MAX_POSITION_PCT
LIMIT = "limits.max_position_percent"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny above the share; equality passes."""
    line = view.lines.get(intent.symbol)
    if line is None:
        return None
    units = line.held + (intent.quantity or line.instrument.lot)
    value = line.instrument.value(max(intent.price, line.mark), units)
    share = view.limits.position_share
    if value * share.under > share.over * view.start_equity:
        return Denied(CODE, f"{money.text(value)} of {money.text(view.start_equity)}")
    return None
