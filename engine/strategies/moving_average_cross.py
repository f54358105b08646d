"""Long while the fast average of closes is above the slow one; in integers, so no cross is ever a rounding.

Never holds without a stop and a target.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.market.bars import Bar
from engine.money import ceil_div, percent
from engine.strategies.protocol import Enter, Exit, Move, StrategyView

NOTHING: tuple[Move, ...] = ()


class _Closes:
    """The last closes of one symbol, and slow x their fast sum - fast x their slow sum: its sign is what crosses."""

    __slots__ = ("count", "distance", "ring")

    def __init__(self, slow: int) -> None:
        self.ring = [0] * slow
        self.count = 0
        self.distance = 0


class MovingAverageCross:
    """Parameters: fast, slow (bars); stop_percent, target_percent (of the close)."""

    name = "moving_average_cross"

    def __init__(self, parameters: Mapping[str, int | Decimal]) -> None:
        if set(parameters) != {"fast", "slow", "stop_percent", "target_percent"}:
            raise ValueError("moving_average_cross reads fast, slow, stop_percent and target_percent")
        fast, slow = parameters["fast"], parameters["slow"]
        if not (isinstance(fast, int) and isinstance(slow, int) and 0 < fast < slow):
            raise ValueError("fast and slow are whole bars, and 0 < fast < slow")
        self._fast, self._slow = fast, slow
        self._stop = percent(parameters["stop_percent"])
        self._target = percent(parameters["target_percent"])
        self._closes: dict[str, _Closes] = {}

    def on_bar(self, bar: Bar, view: StrategyView) -> tuple[Move, ...]:
        """Enter when the averages cross upward, exit when they cross downward."""
        closes = self._closes.get(bar.symbol)
        if closes is None:
            closes = self._closes[bar.symbol] = _Closes(self._slow)
        fast, slow, close, ring, was = self._fast, self._slow, bar.close, closes.ring, closes.distance
        slot = closes.count % slow
        distance = was + slow * (close - ring[slot - fast]) - fast * (close - ring[slot])
        ring[slot], closes.distance = close, distance
        closes.count += 1
        if distance > 0 >= was and closes.count > slow:
            return self._enter(bar, view)
        if distance < 0 <= was and closes.count > slow:
            return (Exit(bar.symbol),)
        return NOTHING

    def _enter(self, bar: Bar, view: StrategyView) -> tuple[Move, ...]:
        if not view.is_flat(bar.symbol):
            return NOTHING
        close, stop, target = bar.close, self._stop, self._target
        stop_at = ceil_div(close * (stop.under - stop.over), stop.under)
        target_at = ceil_div(close * (target.under + target.over), target.under)
        return (Enter(bar.symbol, 1, "market", close, stop_at, target_at),)
