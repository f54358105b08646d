"""How many units an entry may have: the smallest of what was asked for, what risk allows and every cap.

Never rounds up, and never looks at anything but start-of-day equity.
"""

from __future__ import annotations

from engine.view import Line, View


def quantity(view: View, line: Line, entry: int, stop: int, requested: int | None) -> int:
    """Units in whole lots, 0 when nothing fits."""
    limits, per_tick = view.limits, line.instrument.tick_value
    distance = abs(entry - stop)
    price = max(entry, line.mark)
    if distance == 0 or price <= 0:
        return 0
    equity = view.start_equity
    risk, position, gross = limits.risk_share, limits.position_share, limits.gross_share
    unit = price * per_tick
    sizes = [
        equity * risk.over // (risk.under * distance * per_tick),
        limits.max_order_quantity,
        limits.max_order_value // unit,
        equity * position.over // (position.under * unit) - line.held,
        (equity * gross.over // gross.under - view.gross) // unit,
    ]
    if requested is not None:
        sizes.append(requested)
    if limits.fixed_quantity is not None:
        sizes.append(limits.fixed_quantity)
    return line.instrument.floor_lot(max(0, min(sizes)))
