"""A limit is loosened by more than 1.5x in one change.

A slipped digit multiplies by ten; a step of one and a half is what one soak can tell you something about.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from config.models.nature import Safe
from policies.inputs import Also, Change, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="LIM001",
    slug="limit_raised_too_fast",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    title="limit raised too fast",
    fix="raise in steps of 1.5x at most, each with its own soak, or add a waiver with owner and expiry",
    reads=("limits", "account.start_cash", "sizing.risk_percent"),
    source="paper 02 5 (1.5x in one change), seed 002 (Position size limits enforced)",
)
VALID = (
    Sample(
        says="raised by exactly 1.5x",
        edits={"limits.max_order_value": Decimal("7500.0")},
        before={"limits.max_order_value": Decimal("5000.0")},
    ),
    Sample(
        says="a whole number raised by exactly 1.5x",
        edits={"limits.max_open_positions": 6},
        before={"limits.max_open_positions": 4},
    ),
    Sample(says="lowered to a tenth", edits={"limits.max_order_value": Decimal("500.0")}, before={}),
)
INVALID = (
    Sample(
        says="raised tenfold",
        edits={"limits.max_order_value": Decimal("25000.0")},
        before={"limits.max_order_value": Decimal("2500.0")},
    ),
    Sample(
        says="raised by a hundredth more than 1.5x",
        edits={"limits.max_order_value": Decimal("7500.01")},
        before={"limits.max_order_value": Decimal("5000.0")},
    ),
    Sample(
        says="a minimum given up",
        edits={"limits.no_entry_before_close_minutes": 0},
        before={"limits.no_entry_before_close_minutes": 15},
    ),
    Sample(
        says="a minimum cut to a third",
        edits={"limits.no_entry_before_close_minutes": 5},
        before={"limits.no_entry_before_close_minutes": 15},
    ),
)


_FACTOR = Decimal("1.5")


def judge(change: Change) -> Iterator[Hit]:
    for key in (*change.below("limits"), *change.below("account", "start_cash"), *change.below("sizing")):
        before, after = key.before, key.after
        if key.direction != "loosen" or key.nature is None or not isinstance(after, int | Decimal):
            continue
        if isinstance(before, bool) or not isinstance(before, int | Decimal):
            continue
        low, high = (after, before) if key.nature.safe is Safe.HIGHER else (before, after)
        if high <= low * _FACTOR:
            continue
        verb = "lowered" if key.nature.safe is Safe.HIGHER else "raised"
        zero = "to zero" if key.nature.safe is Safe.HIGHER else "from zero"
        times = _times(Decimal(high) / Decimal(low)) if low else zero
        was = Also(key.path, f"was {before}", base=True)
        yield Hit(
            key.path, f"`{key.path[-1]}` {verb} {times}, the limit is {_FACTOR}x per change", related=(was,)
        )


def _times(factor: Decimal) -> str:
    shown = f"{factor:.2f}".rstrip("0").rstrip(".")
    return f"{shown}x" if Decimal(shown) > _FACTOR else f"a little over {_FACTOR}x"
