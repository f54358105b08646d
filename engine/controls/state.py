"""STATE: entries need ACTIVE; a strategy or time exit needs ACTIVE or REDUCING; protective exits pass always.

Source: 04-engine 8.6 (Knight 34-70694 para 15-16: trading must be able to stop before anything else is asked).
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import Intent, Leg
from engine.protocols import Decision
from engine.trading_state import TradingState
from engine.view import View

CODE = DenialCode.STATE
LIMIT = None
APPLIES_TO = frozenset({Leg.E, Leg.X})


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny what the trading state no longer lets out."""
    last = TradingState.ACTIVE if intent.leg is Leg.E else TradingState.REDUCING
    if view.state > last:
        return Denied(CODE, f"trading is {view.state.name}")
    return None
