"""Never enters anything: for engines that act on signals from outside only."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.market.bars import Bar
from engine.strategies.protocol import Move, StrategyView


class Idle:
    """A strategy that watches."""

    name = "idle"

    def __init__(self, parameters: Mapping[str, int | Decimal]) -> None:
        if parameters:
            raise ValueError("idle reads no parameters")

    def on_bar(self, bar: Bar, view: StrategyView) -> tuple[Move, ...]:
        """Nothing."""
        return ()
