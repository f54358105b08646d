"""Two limits contradict each other, so one of them bounds nothing.

A position limit above the gross limit, or a risk above the position limit, looks like protection and is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="LIM004",
    slug="limits_contradict",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="limits contradict each other",
    fix="keep the narrower limit inside the wider one",
    reads=("limits", "sizing"),
    source="paper 04 8.7 (controls), seed 004 (position sizing)",
)
VALID = (Sample(says="narrow inside wide"),)
INVALID = (
    Sample(says="one position larger than all", edits={"limits.max_gross_percent": Decimal("4.0")}),
    Sample(says="quantity above its limit", edits={"sizing.fixed_quantity": 2000}),
)


_PAIRS = (
    (("limits", "max_position_percent"), ("limits", "max_gross_percent")),
    (("limits", "min_stop_distance_percent"), ("limits", "max_stop_distance_percent")),
    (("limits", "max_orders_per_signal"), ("limits", "max_orders_per_day")),
    (("limits", "max_daily_loss_percent"), ("limits", "max_drawdown_percent")),
    (("sizing", "risk_percent"), ("limits", "max_position_percent")),
    (("sizing", "fixed_quantity"), ("limits", "max_order_quantity")),
)


def judge(state: State) -> Iterator[Hit]:
    for narrow, wide in _PAIRS:
        low, high = state.leaves.get(narrow), state.leaves.get(wide)
        if isinstance(low, int | Decimal) and isinstance(high, int | Decimal) and low > high:
            message = f"`{dotted(narrow)}` is {low}, beyond `{dotted(wide)}` of {high}"
            yield Hit(narrow, message, related=(Also(wide, "the wider limit"),))
