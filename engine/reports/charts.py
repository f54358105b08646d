"""Charts as inline SVG: integer positions, every text escaped, nothing fetched and nothing drawn by script.

Never hides a point that is highest or lowest in its column.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import NamedTuple

from engine.clock import stamp
from engine.reports.axis import Scale, instant_label, instant_steps, round_steps, thin

WIDTH, HEIGHT = 960, 260
LEFT, RIGHT, TOP, BOTTOM = 86, 14, 12, 26
COLUMNS = 420
_BAR, _BAR_ROOM = 22, 8

Label = Callable[[int], str]


class Mark(NamedTuple):
    """A sign on a line chart: `kind` is the style of its class, `says` its tooltip."""

    at: int
    value: int
    kind: str
    says: str


def line_chart(
    name: str,
    points: Sequence[tuple[int, int]],
    label: Label,
    *,
    marks: Sequence[Mark] = (),
    is_area: bool = False,
) -> str:
    """Values over time; `label` turns a value into text."""
    if not points:
        return f'<p class="nothing">{escape(name)}: nothing to show</p>'
    shown = thin(points, COLUMNS)
    across, up = _scales(points, marks)
    readable = [
        [across.place(at), up.place(value), f"{stamp(at)[:19]}Z  {label(value)}"] for at, value in shown
    ]
    return "".join(
        [
            f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(name)}"',
            f' data-points="{escape(json.dumps(readable, separators=(",", ":")))}">',
            *_value_grid(up, label),
            *_time_grid(across),
            _path(shown, across, up, is_area=is_area),
            *(_mark(mark, across, up) for mark in marks),
            f'<line class="cursor" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>',
            "</svg>",
        ]
    )


def bar_chart(name: str, counts: Mapping[str, int]) -> str:
    """How often each word was counted."""
    if not counts:
        return f'<p class="nothing">{escape(name)}: none</p>'
    height = len(counts) * (_BAR + _BAR_ROOM) + _BAR_ROOM
    across = Scale(0, max(counts.values()), 0, WIDTH - 320)
    rows = []
    for place, (word, count) in enumerate(counts.items()):
        y = _BAR_ROOM + place * (_BAR + _BAR_ROOM)
        rows.append(f'<text class="word" x="200" y="{y + 16}">{escape(word)}</text>')
        width = max(2, across.place(count))
        rows.append(f'<rect class="bar" x="212" y="{y}" width="{width}" height="{_BAR}" rx="2"/>')
        rows.append(f'<text class="count" x="{220 + width}" y="{y + 16}">{count}</text>')
    head = f'<svg class="bars" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(name)}">'
    return f"{head}{''.join(rows)}</svg>"


def band_chart(name: str, worst: int, net: int, best: int, label: Label) -> str:
    """One value, and how far it might have been lower or higher."""
    room = max(best - worst, abs(net) // 10, 1) // 4 + 1
    across = Scale(min(worst, 0) - room, max(best, 0) + room, 20, WIDTH - 20)
    low, high, here, zero = (across.place(value) for value in (worst, best, net, 0))
    return (
        f'<svg class="band" viewBox="0 0 {WIDTH} 84" role="img" aria-label="{escape(name)}">'
        f'<line class="axis" x1="20" x2="{WIDTH - 20}" y1="42" y2="42"/>'
        f'<line class="zero" x1="{zero}" x2="{zero}" y1="22" y2="62"/><text x="{zero}" y="78">0</text>'
        f'<rect class="doubt" x="{low}" y="32" width="{max(2, high - low)}" height="20" rx="3"/>'
        f'<line class="net" x1="{here}" x2="{here}" y1="26" y2="58"/>'
        f'<text x="{here}" y="18">{escape(label(net))}</text></svg>'
    )


def _scales(points: Sequence[tuple[int, int]], marks: Sequence[Mark]) -> tuple[Scale, Scale]:
    values = [value for _, value in points] + [mark.value for mark in marks]
    instants = [at for at, _ in points] + [mark.at for mark in marks]
    low, high = min(values), max(values)
    room = max((high - low) // 20, 1)
    across = Scale(min(instants), max(instants), LEFT, WIDTH - RIGHT)
    return across, Scale(low - room, high + room, HEIGHT - BOTTOM, TOP)


def _value_grid(up: Scale, label: Label) -> list[str]:
    lines = []
    for value in round_steps(up.low, up.high):
        y = up.place(value)
        lines.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        lines.append(f'<text class="value" x="{LEFT - 8}" y="{y + 4}">{escape(label(value))}</text>')
    return lines


def _time_grid(across: Scale) -> list[str]:
    steps = instant_steps(across.low, across.high)
    return [
        f'<text class="time" x="{across.place(at)}" y="{HEIGHT - 8}">{escape(instant_label(at, steps))}</text>'
        for at in steps
        if LEFT + 30 <= across.place(at) <= WIDTH - RIGHT - 30
    ]


def _path(points: Sequence[tuple[int, int]], across: Scale, up: Scale, *, is_area: bool) -> str:
    places = [f"{across.place(at)} {up.place(value)}" for at, value in points]
    line = f"M{' L'.join(places)}"
    if not is_area:
        return f'<path class="line" d="{line}"/>'
    zero, first, last = up.place(0), across.place(points[0][0]), across.place(points[-1][0])
    return f'<path class="area" d="{line} L{last} {zero} L{first} {zero} Z"/><path class="line" d="{line}"/>'


def _mark(mark: Mark, across: Scale, up: Scale) -> str:
    x, y = across.place(mark.at), up.place(mark.value)
    shape = {
        "long": f"M{x} {y - 6} l5 9 h-10 Z",
        "short": f"M{x} {y + 6} l5 -9 h-10 Z",
    }.get(mark.kind, f"M{x - 4} {y - 4} l8 8 M{x + 4} {y - 4} l-8 8")
    return f'<path class="mark {escape(mark.kind)}" d="{shape}"><title>{escape(mark.says)}</title></path>'


def money_label(units: int) -> str:
    """Money with separated thousands and two decimals."""
    return f"{Decimal(units) / 10**8:,.2f}"
