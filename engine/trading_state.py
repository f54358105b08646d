"""What may still go out: ACTIVE < REDUCING < HALTED < KILLED; anyone may move right, only Git moves left.

Never decides a move itself; it only says which moves exist.
"""

from __future__ import annotations

from enum import IntEnum


class TradingState(IntEnum):
    """Ordered from most to least that may go out."""

    ACTIVE = 0
    REDUCING = 1
    HALTED = 2
    KILLED = 3


_LETTERS = {"backtest": "B", "paper": "P", "shadow": "S", "live": "L"}


class Mode(str):
    """One of backtest, paper, shadow, live: an unknown word is an error, never paper."""

    __slots__ = ()

    def __new__(cls, word: str) -> Mode:
        if word not in _LETTERS:
            raise ValueError(f"unknown mode: {word[:20]!r}")
        return str.__new__(cls, word)

    @property
    def letter(self) -> str:
        """First letter of every client order id."""
        return _LETTERS[self]

    @property
    def flag(self) -> str:
        """The flag that must let the account in."""
        return "live_trading_enabled" if self == "live" else "paper_trading_enabled"


def rightmost(*states: TradingState) -> TradingState:
    """The state in which the least may go out."""
    return max(states)
