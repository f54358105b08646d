"""CONFIG_DRIFT: no entry while the engine knows that what it runs is not what Git published.

Source: 04-engine 1.1 (Knight para 15: one of eight servers ran something else).
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.CONFIG_DRIFT
LIMIT = None
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny while drift is reported."""
    return Denied(CODE, view.drift) if view.drift else None
