"""Signals that were accepted and wait for their moment; one goes to the gate per bar time, the others keep waiting.

Never forgets a signal because another one was taken (seed 004 FIX 3), and never keeps one past its expiry.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from engine.market.bars import Bar
from engine.signals import Signal


class Waiting:
    """Waiting signals by id, in order of arrival."""

    def __init__(self) -> None:
        self.signals: dict[str, Signal] = {}

    def __len__(self) -> int:
        return len(self.signals)

    def add(self, signal: Signal) -> None:
        """Let a signal wait."""
        self.signals[signal.id] = signal

    def drop(self, signal: Signal) -> None:
        """It was taken, denied or has expired."""
        self.signals.pop(signal.id, None)

    def all(self) -> tuple[Signal, ...]:
        """Everything that waits."""
        return tuple(self.signals.values())

    def expired(self, now: int) -> list[Signal]:
        """Signals whose time is over."""
        return [signal for signal in self.signals.values() if signal.expires_at <= now]

    def best(self, bars: Sequence[Bar], *, rests: bool = False) -> Signal | None:
        """The ready signal with the highest reward over risk, then the oldest, then the smallest id.

        rests: limit and stop wait at the venue, so they are ready at any close.
        """
        if len(self.signals) == len(bars) == 1:
            (signal,), (bar,) = self.signals.values(), bars
            return signal if signal.symbol == bar.symbol and (rests or is_ready(signal, bar)) else None
        by_symbol = {bar.symbol: bar for bar in bars}
        here = [signal for signal in self.signals.values() if signal.symbol in by_symbol]
        ready = [signal for signal in here if rests or is_ready(signal, by_symbol[signal.symbol])]
        if len(ready) < 2:
            return ready[0] if ready else None
        return min(ready, key=lambda s: (-Fraction(*s.reward_risk), s.created_at, s.id))


def is_ready(signal: Signal, bar: Bar) -> bool:
    """A market signal at any close; limit and stop when the bar contains their entry."""
    return signal.entry_type == "market" or bar.low <= signal.entry <= bar.high
