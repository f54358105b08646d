"""LOT: a quantity is a whole number of lots; an exit may also be an odd rest.

Source: 04-engine 8.2, torchtrade 352; the exception keeps an odd rest from being trapped.
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import EVERY_LEG, Intent, Leg
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.LOT
LIMIT = "instruments.*.lot"
APPLIES_TO = EVERY_LEG


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny broken lots."""
    line = view.lines.get(intent.symbol)
    if line is None or intent.quantity % line.instrument.lot == 0 or intent.leg is not Leg.E:
        return None
    return Denied(CODE, f"{intent.quantity} is not a multiple of {line.instrument.lot}")
