"""MAX_ORDER_VALUE: the notional of one order.

Source: RTS 6 Art 15, Citi 2022 (a basket of 444 billion): a hard block, never a warning.
"""

from __future__ import annotations

from engine import money
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.MAX_ORDER_VALUE
LIMIT = "limits.max_order_value"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny above the limit; equality passes. No units are judged as one lot, to say what left none."""
    line = view.lines.get(intent.symbol)
    if line is None:
        return None
    value = line.instrument.value(max(intent.price, line.mark), intent.quantity or line.instrument.lot)
    if value > view.limits.max_order_value:
        return Denied(CODE, f"{money.text(value)} over {money.text(view.limits.max_order_value)}")
    return None
