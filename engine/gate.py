"""The only door to a venue: every control of the leg is asked, and only this module makes an `Approved`.

Never lets an entry pass on a crash or an unanswered flag, and never lets either keep a protective exit in.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import Final

from engine.control import BY_LEG, Review
from engine.denials import DenialCode, Denied
from engine.orders import Intent, Leg
from engine.protocols import Decision, FlagView, StandingDecision
from engine.view import View

_DOOR: Final = object()
_PROTECTIVE = frozenset({Leg.SL, Leg.TP, Leg.F})


@dataclass(frozen=True, slots=True, eq=False)
class Approved:
    """An order a venue may take, as it was approved; the gate is its only maker, and nobody changes it after."""

    door: InitVar[object]
    order_id: str
    intent: Intent
    decision: Decision
    at: int

    def __post_init__(self, door: object) -> None:
        """Refuse whoever has not the key."""
        if door is not _DOOR:
            raise TypeError("only engine.gate makes an Approved")


def review(intent: Intent, order_id: str, view: View, flags: FlagView) -> Approved | Denied:
    """Ask all controls of the leg; approve only if none refuses."""
    decision = _decide(view, flags)
    refusals = _refusals(intent, view, decision)
    if refusals:
        codes = tuple(refusal.code for refusal in refusals)
        crashed = any(refusal.crashed for refusal in refusals)
        return refusals[0]._replace(codes=codes, crashed=crashed, decision=decision)
    return Approved(_DOOR, order_id, intent, decision, view.now)


def _decide(view: View, flags: FlagView) -> Decision:
    try:
        return flags.decide(view.mode.flag, view.account)
    except Exception as failure:
        return StandingDecision(view.mode.flag, False, f"FAIL_SAFE {type(failure).__name__}")


def _refusals(intent: Intent, view: View, decision: Decision) -> list[Denied]:
    controls = BY_LEG[intent.leg]
    try:
        for _, ask in controls:
            if ask(intent, view, decision) is not None:
                return [a for _, ask in controls if (a := ask(intent, view, decision)) is not None]
        return []
    except Exception:
        answers = [_ask(code, ask, intent, view, decision) for code, ask in controls]
        protective = intent.leg in _PROTECTIVE
        return [a for a in answers if a is not None and not (a.crashed and protective)]


def _ask(code: DenialCode, ask: Review, intent: Intent, view: View, decision: Decision) -> Denied | None:
    try:
        return ask(intent, view, decision)
    except Exception as failure:
        return Denied(code, f"the control crashed: {type(failure).__name__}: {failure}"[:200], crashed=True)
