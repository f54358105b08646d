"""FLAG_OFF: the account must be let in by the flag of the mode, in the snapshot captured for this decision.

Source: 04-engine 8.7, 03-flags 4.2 (unknown is off).
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.FLAG_OFF
LIMIT = "flags"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny unless the flag lets the account in."""
    if snapshot.value is True:
        return None
    return Denied(CODE, f"{snapshot.flag} is off for {view.account}: {snapshot.reason}")
