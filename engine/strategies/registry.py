"""All strategies by name; a new one is one import and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.strategies.idle import Idle
from engine.strategies.moving_average_cross import MovingAverageCross
from engine.strategies.protocol import Strategy

STRATEGIES: Mapping[str, Callable[[Mapping[str, int | Decimal]], Strategy]] = {
    "moving_average_cross": MovingAverageCross,
    "idle": Idle,
}


def strategy(name: str, parameters: Mapping[str, int | Decimal]) -> Strategy:
    """The named strategy with its parameters, or ValueError."""
    if name not in STRATEGIES:
        raise ValueError(f"unknown strategy {name!r}; known: {', '.join(sorted(STRATEGIES))}")
    return STRATEGIES[name](parameters)
