"""BUYING_POWER: an entry is paid with cash, fees and slippage included, after all entries on their way.

Source: 04-engine 8.7; a short sale ties up its own value.
"""

from __future__ import annotations

from engine import money
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.BUYING_POWER
LIMIT = "account.start_cash"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny what free cash does not cover; equality passes."""
    line = view.lines.get(intent.symbol)
    if line is None:
        return None
    instrument = line.instrument
    price = max(intent.price, line.mark)
    value = instrument.value(price + instrument.adverse(price), intent.quantity)
    cost, free = value + instrument.fee(value), view.free_cash
    if intent.quantity and cost > free:
        return Denied(CODE, f"costs {money.text(cost)}, {money.text(free)} free")
    return None
