"""BROKER_OPEN: no entry while the breaker of the venue's connection is open.

Source: 04-engine 8.8, seed 004 FIX 10 and scenario 3.
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.BROKER_OPEN
LIMIT = None
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny while the venue counts as unreachable."""
    return Denied(CODE, "the venue's breaker is open") if view.broker_open else None
