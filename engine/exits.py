"""Which exit a bar brings: the stop wins every doubt, a gap fills at the open, a touch is no fill.

Never looks at a price the market had not yet shown at that moment. Prices are mirrored for a short position,
so that the one rule below reads LONG.
"""

from __future__ import annotations

from typing import NamedTuple

from config.models.environment import VenueChoice
from engine.orders import Leg, OrderType


class FillModel(NamedTuple):
    """`beyond`: ticks a bar must pass a limit to fill it; `gap_at_open`: a gap over a target fills at the open."""

    beyond: int = 1
    gap_at_open: bool = False


STRICT = FillModel()


class Exit(NamedTuple):
    """An exit a bar brings: at `price` before slippage; `alternative` is the target of an ambiguous bar, else 0."""

    leg: Leg
    price: int
    alternative: int = 0


def fill_model(venue: VenueChoice) -> FillModel:
    """The model an environment chose."""
    return FillModel(0 if venue.touch_fills else 1, venue.limit_gap == "open")


def at_open(side: int, open_: int, stop: int, target: int, model: FillModel = STRICT) -> Exit | None:
    """Gap exits: at or beyond the stop at the open; beyond the target at the target, or at the open."""
    if side * open_ <= side * stop:
        return Exit(Leg.SL, open_)
    if side * open_ >= side * target + model.beyond:
        return Exit(Leg.TP, open_ if model.gap_at_open else target)
    return None


def inside(side: int, high: int, low: int, stop: int, target: int, model: FillModel = STRICT) -> Exit | None:
    """The stop when the bar reached it, even if it passed the target too; else the target, one tick beyond it."""
    worst, best = (low, high) if side > 0 else (high, low)
    is_past_target = side * best >= side * target + model.beyond
    if side * worst <= side * stop:
        return Exit(Leg.SL, stop, target if is_past_target else 0)
    return Exit(Leg.TP, target) if is_past_target else None


def is_gapped(side: int, open_: int, stop: int, target: int) -> bool:
    """Whether an entry at this open would start at or beyond its stop or its target."""
    return side * open_ <= side * stop or side * open_ >= side * target


def is_entered_at_open(side: int, kind: OrderType, price: int, open_: int, model: FillModel = STRICT) -> bool:
    """Whether a resting entry fills at the open: a limit one tick beyond its price, a stop at or beyond it."""
    if kind is OrderType.LIMIT:
        return side * open_ <= side * price - model.beyond
    return side * open_ >= side * price


def is_entered_inside(
    side: int, kind: OrderType, price: int, high: int, low: int, model: FillModel = STRICT
) -> bool:
    """Whether the bar went where a resting entry fills at its own price."""
    worst, best = (low, high) if side > 0 else (high, low)
    return is_entered_at_open(side, kind, price, worst if kind is OrderType.LIMIT else best, model)
