"""What a control is, and all of them as their registry lists them.

Never leaves one out: a code without its file, or a file that is no control, ends the import.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, runtime_checkable

from engine.controls.registry import UNCONTROLLED
from engine.denials import DenialCode, Denied
from engine.orders import Intent, Leg
from engine.protocols import Decision
from engine.view import View

Review = Callable[[Intent, View, Decision], Denied | None]


@runtime_checkable
class Control(Protocol):
    """What a control module offers."""

    @property
    def CODE(self) -> DenialCode:  # noqa: N802
        """What it reports."""

    @property
    def LIMIT(self) -> str | None:  # noqa: N802
        """The key of the limit it compares with, if any."""

    @property
    def APPLIES_TO(self) -> frozenset[Leg]:  # noqa: N802
        """The legs it is asked about."""

    def review(self, intent: Intent, view: View, snapshot: Decision) -> Denied | None:
        """The refusal, or nothing."""


def _load(code: DenialCode) -> Control:
    module = import_module(f"engine.controls.{code.value.lower()}")
    if not isinstance(module, Control) or module.CODE is not code:
        raise TypeError(f"engine/controls/{code.value.lower()}.py is not the control of {code.value}")
    return module


CONTROLS: tuple[Control, ...] = tuple(_load(code) for code in DenialCode if code not in UNCONTROLLED)
BY_LEG: dict[Leg, tuple[tuple[DenialCode, Review], ...]] = {
    leg: tuple((control.CODE, control.review) for control in CONTROLS if leg in control.APPLIES_TO)
    for leg in Leg
}
