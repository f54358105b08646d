"""The answer of a control that does not let an order go: a code of the closed list, with its detail."""

from __future__ import annotations

from typing import NamedTuple

from engine.controls.registry import DenialCode as DenialCode
from engine.protocols import Decision


class Denied(NamedTuple):
    """The answer of a control, and of the gate: the first failing code, and all of them."""

    code: DenialCode
    detail: str
    codes: tuple[DenialCode, ...] = ()
    crashed: bool = False
    decision: Decision | None = None
