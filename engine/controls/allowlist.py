"""ALLOWLIST: only instruments of the catalogue, in the account's currency, not expired, short only where Git allows it.

Source: SEC 15c3-5 (restricted names), 04-engine 8.7 and 8.18; several currencies are refused.
"""

from __future__ import annotations

from engine.clock import stamp
from engine.denials import DenialCode, Denied
from engine.orders import ENTRY, Intent
from engine.protocols import Decision
from engine.view import View

CODE = DenialCode.ALLOWLIST
LIMIT = "account.allow_short"
APPLIES_TO = ENTRY


def review(intent: Intent, view: View, snapshot: Decision) -> Denied | None:
    """Deny what this account may not trade."""
    line = view.lines.get(intent.symbol)
    if line is None:
        return Denied(CODE, f"{intent.symbol} is not in instruments.yaml")
    if line.instrument.currency != view.currency:
        return Denied(
            CODE, f"{intent.symbol} is in {line.instrument.currency}, the account in {view.currency}"
        )
    expires_on = line.instrument.expires_on
    if expires_on is not None and stamp(view.now - 1)[:10] > expires_on:
        return Denied(CODE, f"{intent.symbol} traded for the last time on {expires_on}")
    if intent.side < 0 and not view.limits.allow_short:
        return Denied(CODE, "short sales are not allowed for this account")
    return None
