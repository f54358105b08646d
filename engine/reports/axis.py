"""Round numbers and instants for the edge of a chart, in integers.

Never more labels than fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.clock import DAY, SECOND, instant, parse_stamp, stamp

_STEPS = tuple(
    count * SECOND for count in (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 86_400, 7 * 86_400)
)
_MONTHS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 600)
_MONTH = 30 * DAY


class Scale(NamedTuple):
    """Values between `low` and `high` onto positions between `start` and `end`."""

    low: int
    high: int
    start: int
    end: int

    def place(self, value: int) -> int:
        """Position of a value."""
        return self.start + (value - self.low) * (self.end - self.start) // max(1, self.high - self.low)


def round_steps(low: int, high: int, most: int = 5) -> list[int]:
    """At most `most` multiples of 1, 2 or 5 times a power of ten, between two values."""
    step = 1
    while (high - low) // step >= most:
        step = step * 2 if str(step)[0] in "15" else step // 2 * 5
    first = -(-low // step) * step
    return list(range(first, high + 1, step))


def instant_steps(first: int, last: int, most: int = 7) -> list[int]:
    """At most `most` round instants between two."""
    step = next((one for one in _STEPS if (last - first) // one < most), 0)
    if step:
        start = -(-first // step) * step
        return list(range(start, last + 1, step))
    months = next((count for count in _MONTHS if (last - first) // (count * _MONTH) < most), _MONTHS[-1])
    return [
        at for at in _month_starts(instant(first).year, instant(last).year, months) if first <= at <= last
    ]


def _month_starts(first_year: int, last_year: int, step: int) -> list[int]:
    """The first instants of every `step`-th month, counted from the year 0."""
    numbers = range(-(-first_year * 12 // step) * step, last_year * 12 + 12, step)
    return [parse_stamp(f"{number // 12:04d}-{number % 12 + 1:02d}-01T00:00:00Z") for number in numbers]


def instant_label(at: int, steps: Sequence[int]) -> str:
    """As much of an instant as tells the steps apart."""
    is_daily = all(one % DAY == 0 for one in steps)
    text = stamp(at)
    return text[:10] if is_daily else text[5:16].replace("T", " ") if _are_minutes(steps) else text[11:19]


def _are_minutes(steps: Sequence[int]) -> bool:
    return all(one % (60 * SECOND) == 0 for one in steps)


def thin(points: Sequence[tuple[int, int]], columns: int) -> list[tuple[int, int]]:
    """The lowest and highest value of each column, in their order: what a narrow chart can show of many points."""
    if len(points) <= 2 * columns:
        return list(points)
    kept: list[tuple[int, int]] = [points[0]]
    for column in range(columns):
        part = points[column * len(points) // columns : (column + 1) * len(points) // columns]
        kept += sorted({min(part, key=_value), max(part, key=_value)})
    kept.append(points[-1])
    return kept


def _value(point: tuple[int, int]) -> int:
    return point[1]
