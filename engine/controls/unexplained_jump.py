"""UNEXPLAINED_JUMP: no entry in a symbol that opened far from its close without a recorded corporate action.

Source: 04-engine 8.8, seed 004 phase 3 (corporate actions): a split looks like a crash until somebody says so.
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.UNEXPLAINED_JUMP
LIMIT = "limits.unexplained_jump_percent"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny while the jump stands unexplained."""
    line = view.lines.get(intent.symbol)
    if line is not None and line.jumped:
        return Denied(CODE, f"{intent.symbol} jumped and corporate_actions.yaml does not say why")
    return None
