"""Tells a recorded split from a crash: a jump of the price that the record explains is none of the market's doing.

Never corrects a price by itself: it says whether the record explains the jump, and by which ratio.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from config.models.catalogue import CorporateAction
from engine.money import NotExactError, Ratio, ratio

SAME = Ratio(1, 1)


class Jump(Enum):
    """What lies between the last close and this open."""

    NONE = "none"
    EXPLAINED = "explained"
    UNVERIFIED = "unverified"


class Verdict(NamedTuple):
    """How the price moved, and old over new price by the record."""

    jump: Jump
    ratio: Ratio


class Actions:
    """Recorded splits and dividends, by symbol and day."""

    __slots__ = ("_by_symbol",)

    def __init__(self, recorded: Iterable[CorporateAction]) -> None:
        self._by_symbol: dict[str, list[tuple[str, Ratio]]] = {}
        for action in recorded:
            if action.ratio <= 0:
                raise NotExactError(f"{action.symbol} {action.day}: a ratio is above zero")
            self._by_symbol.setdefault(action.symbol, []).append((action.day, ratio(action.ratio)))

    def ratio(self, symbol: str, after_day: str, until_day: str) -> Ratio:
        """Old over new price of everything recorded after one day, until another one included."""
        product = SAME
        for day, one in self._by_symbol.get(symbol, ()):
            if after_day < day <= until_day:
                product = Ratio(product.over * one.over, product.under * one.under)
        return product

    def judge(
        self, symbol: str, close: int, close_day: str, open_: int, open_day: str, limit: Ratio
    ) -> Verdict:
        """Whether the step from one session's close to a later open is within `limit`, the record considered.

        A recorded split that did not happen is as unverified as a crash nobody recorded.
        """
        recorded = self.ratio(symbol, close_day, open_day)
        if not _is_within(open_ * recorded.over, close * recorded.under, limit):
            return Verdict(Jump.UNVERIFIED, recorded)
        return Verdict(Jump.NONE if recorded == SAME else Jump.EXPLAINED, recorded)


def adjusted(ticks: int, recorded: Ratio) -> int:
    """An old price in ticks as it would stand after the action, to the nearest tick, a half up."""
    return (2 * ticks * recorded.under + recorded.over) // (2 * recorded.over)


def _is_within(new: int, old: int, limit: Ratio) -> bool:
    return abs(new - old) * limit.under <= old * limit.over
