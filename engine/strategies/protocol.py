"""What a strategy sees and says; what it says becomes a signal and takes the same path as any other.

Never reaches a venue, a journal or a clock.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from engine.instruments import Instrument
from engine.market.bars import Bar


class Enter(NamedTuple):
    """Open a position: `side` +1 is LONG; prices in ticks; no quantity leaves it to sizing."""

    symbol: str
    side: int
    entry_type: str
    entry: int
    stop: int
    target: int
    quantity: int | None = None


class Exit(NamedTuple):
    """Close what this strategy holds in a symbol at the next open."""

    symbol: str


Move = Enter | Exit


class StrategyView(Protocol):
    """What a strategy may ask."""

    def instrument(self, symbol: str) -> Instrument:
        """The instrument."""

    def is_flat(self, symbol: str) -> bool:
        """Whether nothing is held and nothing is on its way."""


class Strategy(Protocol):
    """A rule over bars."""

    name: str

    def on_bar(self, bar: Bar, view: StrategyView) -> tuple[Move, ...]:
        """What to do after this bar closed."""
