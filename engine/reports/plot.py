"""One run as a picture: price with trades, equity, drawdown; needs the optional extra `plot` (matplotlib).

Never opens a window, and never puts the day of its making into the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from engine.clock import instant
from engine.durable import write_durably
from engine.reports.axis import thin
from engine.reports.facts import Run
from engine.reports.summary import falls

COLUMNS = 1500
_DOTS = 120
_INCHES = (14, 10)


class PlotUnavailableError(Exception):
    """The optional package is not installed."""


def write_plot(run: Run, path: Path) -> None:
    """Write the picture to `path` (PNG)."""
    write_durably(path, plot(run))


def plot(run: Run) -> bytes:
    """The picture."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise PlotUnavailableError("matplotlib is not installed: pip install 'interlock[plot]'") from None
    figure = Figure(figsize=_INCHES, dpi=_DOTS, layout="constrained")
    FigureCanvasAgg(figure)
    price, equity, fall = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 1))
    commit = f", commit {run.commit[:12]}" if run.commit else ""
    price.set_title(f"{run.mode} in {run.environment}{commit}: {len(run.trades)} trades", loc="left")
    _draw_prices(price, run)
    _draw_money(equity, run.equity, f"equity, {run.currency}")
    _draw_money(
        fall, [(at, -below) for at, _, below in falls(run.start_equity, run.equity)], "drawdown", fill=True
    )
    for panel in (price, equity, fall):
        panel.grid(visible=True, alpha=0.25)
    content = BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def _draw_prices(panel: Any, run: Run) -> None:
    panel.set_ylabel("price")
    for symbol in dict.fromkeys(bar.symbol for bar in run.bars):
        tick = run.ticks[symbol]
        closes = thin([(bar.at, bar.close) for bar in run.bars if bar.symbol == symbol], COLUMNS)
        panel.plot(*_columns([(at, ticks * tick) for at, ticks in closes]), linewidth=0.8, label=symbol)
    signs = (
        ("long entry", "^", "tab:green", [(t.entered_at, t.entry) for t in run.trades if t.side > 0]),
        ("short entry", "v", "tab:red", [(t.entered_at, t.entry) for t in run.trades if t.side < 0]),
        ("exit, profit", "x", "tab:green", [(t.exited_at, t.exit) for t in run.trades if t.net > 0]),
        ("exit, no profit", "x", "tab:red", [(t.exited_at, t.exit) for t in run.trades if t.net <= 0]),
    )
    for label, marker, colour, places in signs:
        if places:
            panel.scatter(
                *_columns(places), marker=marker, color=colour, s=28, linewidths=1.2, label=label, zorder=3
            )
    if panel.get_legend_handles_labels()[0]:
        panel.legend(loc="best", fontsize="small", ncols=3)


def _draw_money(panel: Any, points: Sequence[tuple[int, int]], name: str, *, fill: bool = False) -> None:
    panel.set_ylabel(name)
    if not points:
        return
    across, up = _columns([(at, Decimal(units) / 10**8) for at, units in thin(points, COLUMNS)])
    panel.plot(across, up, linewidth=1, color="tab:red" if fill else "tab:blue")
    if fill:
        panel.fill_between(across, up, 0, alpha=0.2, color="tab:red")


def _columns(points: Sequence[tuple[int, Decimal]]) -> tuple[list[datetime], list[float]]:
    """Positions on paper: the only floats here, and no figure of the report is made from them."""
    return [instant(at) for at, _ in points], [float(value) for _, value in points]
