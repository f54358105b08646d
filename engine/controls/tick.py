"""TICK: prices of an order are whole, positive ticks; an entry carries its stop and its target.

Source: 04-engine 8.2 and 8.7, py-clob-client-v2 68 (a float price floored to a sub-cent).
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import EVERY_LEG, Intent, Leg, OrderType
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.TICK
LIMIT = "instruments.*.tick"
APPLIES_TO = EVERY_LEG


_E, _MARKET = Leg.E, OrderType.MARKET


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny a price of no or negative ticks where one is needed."""
    if intent.leg is _E:
        is_whole = min(intent.price, intent.stop, intent.target) > 0
    else:
        is_whole = intent.type is _MARKET or intent.price > 0
    if is_whole:
        return None
    return Denied(CODE, "a price is missing, zero or negative")
