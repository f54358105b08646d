"""RECONCILING: no entry before positions and orders were compared with the venue.

Source: 04-engine 8.6, seed 002 (reconcile after reconnect and rollback).
"""

from __future__ import annotations

from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.RECONCILING
LIMIT = None
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny while recovery or a reconciliation runs."""
    return Denied(CODE, "positions are being compared with the venue") if view.reconciling else None
