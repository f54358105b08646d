"""All controls, in the order in which their codes are reported; a new control is one import and one line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.controls import (
    allowlist,
    broker_open,
    buying_power,
    config_drift,
    consec_loss,
    daily_loss,
    data_stale,
    drawdown,
    dup_signal,
    fanout,
    flag_off,
    lot,
    max_gross,
    max_open_positions,
    max_order_qty,
    max_order_value,
    max_position_pct,
    mode,
    opposite_position,
    price_collar,
    qty_zero,
    rate,
    reconciling,
    reduce_only,
    session,
    state,
    tick,
    unexplained_jump,
    unknown_on_symbol,
)
from engine.denials import DenialCode, Denied
from engine.orders import Intent, Leg
from engine.protocols import Decision
from engine.view import View

Review = Callable[[Intent, View, Decision], Denied | None]


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


CONTROLS: tuple[Control, ...] = (
    state,
    mode,
    flag_off,
    config_drift,
    reconciling,
    broker_open,
    unknown_on_symbol,
    opposite_position,
    allowlist,
    unexplained_jump,
    session,
    data_stale,
    dup_signal,
    qty_zero,
    lot,
    tick,
    price_collar,
    max_order_value,
    max_order_qty,
    max_position_pct,
    max_gross,
    max_open_positions,
    buying_power,
    reduce_only,
    rate,
    fanout,
    daily_loss,
    consec_loss,
    drawdown,
)
BY_LEG: dict[Leg, tuple[tuple[DenialCode, Review], ...]] = {
    leg: tuple((control.CODE, control.review) for control in CONTROLS if leg in control.APPLIES_TO)
    for leg in Leg
}
