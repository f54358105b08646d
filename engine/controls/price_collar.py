"""PRICE_COLLAR: an entry stays near the last price, and its stop within reach; no session phase is exempt.

Source: Knight 34-70694 para 21 (a collar that did not cover the opening), Goldman 34-75331, RTS 6 Art 15.
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.money import Ratio
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.PRICE_COLLAR
LIMIT = "limits.price_collar_percent"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny an entry or a stop too far away, or without a price to compare with."""
    line = view.lines.get(intent.symbol)
    if line is None or line.mark <= 0:
        return Denied(CODE, "no last price to compare with")
    limits, last, price, stop = view.limits, line.mark, intent.price, intent.stop
    if _farther(price, last, limits.collar_share):
        return Denied(CODE, f"entry {price} ticks, last {last}")
    if _farther(stop, last, limits.stop_collar_share):
        return Denied(CODE, f"stop {stop} ticks, last {last}")
    if _farther(stop, price, limits.stop_collar_share) or _farther(stop, price, limits.widest_stop_share):
        return Denied(CODE, f"stop {stop} ticks, entry {price}")
    return None


def _farther(price: int, reference: int, share: Ratio) -> bool:
    over, under = share
    return abs(price - reference) * under > over * reference
