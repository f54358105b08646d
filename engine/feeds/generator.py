"""Seeded prices that always work and are always the same: a random walk in whole ticks, no float anywhere.

Never claims to be a market.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from engine.clock import DAY
from engine.feeds.feed import Feed, ordered
from engine.instruments import Instrument
from engine.market.bars import Bar

START = 1_600_041_600_000_000  # 2020-09-14T00:00:00Z
FIRST_PRICE = 10_000


class _Dice:
    """Numbers from a hash chain: the same on every machine and Python."""

    def __init__(self, seed: str) -> None:
        self._state = sha256(seed.encode()).digest()
        self._left = b""

    def below(self, bound: int) -> int:
        """A number from 0 up to, not including, `bound` (a small bias is of no matter here)."""
        if len(self._left) < 4:
            self._state = sha256(self._state).digest()
            self._left = self._state
        number, self._left = int.from_bytes(self._left[:4], "big"), self._left[4:]
        return number % bound


def generate(
    instruments: Mapping[str, Instrument],
    symbols: Sequence[str],
    *,
    count: int = 2_000,
    seed: int = 20260801,
    span: int = DAY,
) -> Feed:
    """`count` bars per symbol from a seed."""
    bars = [bar for symbol in symbols for bar in _walk(instruments[symbol], count, seed, span)]
    return Feed(f"seeded generator (seed {seed}, {count} bars a symbol), no market", span, ordered(bars))


def _walk(instrument: Instrument, count: int, seed: int, span: int) -> list[Bar]:
    dice = _Dice(f"{seed}:{instrument.symbol}")
    close, trend, bars = FIRST_PRICE, 0, []
    for number in range(count):
        if number % 40 == 0:
            trend = dice.below(61) - 30
        unit = max(1, close // 1_000)
        open_ = max(20, close + (dice.below(5) - 2) * unit // 2)
        close = max(20, open_ + (dice.below(21) - 10) * unit + trend * unit // 10)
        high = max(open_, close) + dice.below(6) * unit
        low = max(1, min(open_, close) - dice.below(6) * unit)
        bars.append(
            Bar(
                instrument.symbol,
                START + number * span,
                open_,
                high,
                low,
                close,
                100_000 + dice.below(900_000),
            )
        )
    return bars
