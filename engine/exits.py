"""Which exit a bar brings: the stop wins every doubt, a gap fills at the open, a touch is no fill.

Never looks at a price the market had not yet shown at that moment. Prices are mirrored for a short position,
so that the one rule below reads LONG.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.orders import Leg, OrderType


class Exit(NamedTuple):
    """An exit a bar brings: at `price` before slippage; `alternative` is the target of an ambiguous bar, else 0."""

    leg: Leg
    price: int
    alternative: int = 0


def at_open(side: int, open_: int, stop: int, target: int) -> Exit | None:
    """Gap exits: at or beyond the stop at the open; beyond the target at the target (`limit_gap: limit`)."""
    if side * open_ <= side * stop:
        return Exit(Leg.SL, open_)
    if side * open_ >= side * target + 1:
        return Exit(Leg.TP, target)
    return None


def inside(side: int, high: int, low: int, stop: int, target: int) -> Exit | None:
    """The stop when the bar reached it, even if it passed the target too; else the target, one tick beyond it."""
    worst, best = (low, high) if side > 0 else (high, low)
    is_past_target = side * best >= side * target + 1
    if side * worst <= side * stop:
        return Exit(Leg.SL, stop, target if is_past_target else 0)
    return Exit(Leg.TP, target) if is_past_target else None


def is_gapped(side: int, open_: int, stop: int, target: int) -> bool:
    """Whether an entry at this open would start at or beyond its stop or its target."""
    return side * open_ <= side * stop or side * open_ >= side * target


def is_entered_at_open(side: int, kind: OrderType, price: int, open_: int) -> bool:
    """Whether a resting entry fills at the open: a limit one tick beyond its price, a stop at or beyond it."""
    if kind is OrderType.LIMIT:
        return side * open_ <= side * price - 1
    return side * open_ >= side * price


def is_entered_inside(side: int, kind: OrderType, price: int, high: int, low: int) -> bool:
    """Whether the bar went where a resting entry fills at its own price."""
    worst, best = (low, high) if side > 0 else (high, low)
    return is_entered_at_open(side, kind, price, worst if kind is OrderType.LIMIT else best)
