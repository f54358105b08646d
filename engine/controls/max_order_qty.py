"""MAX_ORDER_QTY: the quantity of one order.

Source: RTS 6 Art 15 (maximum order volume).
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.MAX_ORDER_QTY
LIMIT = "limits.max_order_quantity"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny above the limit; equality passes."""
    line = view.lines.get(intent.symbol)
    quantity = intent.quantity or (line.instrument.lot if line is not None else 0)
    if quantity > view.limits.max_order_quantity:
        return Denied(CODE, f"{quantity} over {view.limits.max_order_quantity}")
    return None
