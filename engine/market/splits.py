"""A recorded split of something we hold: units and prices change together, money does not.

Never invents a unit: a broken rest is dropped and reported; entries on their way are withdrawn, their prices are old.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from config.models.catalogue import CorporateAction
from engine.books import Books
from engine.money import Ratio, ceil_div, ratio
from engine.orders import Leg
from engine.portfolio import Flow, Trade

if TYPE_CHECKING:
    from engine.loop import Engine

_NONE = Ratio(1, 1)


def recorded(actions: Iterable[CorporateAction], symbol: str, after: str, until: str) -> Ratio:
    """Old over new price of the splits of a symbol after one day, until another one included."""
    found = _NONE
    for action in actions:
        if action.kind == "split" and action.symbol == symbol and after < action.day <= until:
            one = ratio(action.ratio)
            found = Ratio(found.over * one.over, found.under * one.under)
    return found


def apply(books: Books, symbol: str, split: Ratio, at: int) -> int:
    """Change trades, position and mark of a symbol; the signed units that came or went."""
    line = books.view.lines[symbol]
    before, trades = line.quantity, books.portfolio.of_symbol(symbol)
    line.mark = line.mark * split.under // split.over
    for trade in trades:
        _change(trade, split, at)
    units = sum(trade.side * trade.quantity for trade in trades) - before
    books.carry(symbol, units)
    return units


def split_held(engine: Engine, symbol: str, split: Ratio, at: int) -> None:
    """While running: withdraw what works at old prices, change, journal, and protect the new units."""
    books = engine.books
    trades = books.portfolio.of_symbol(symbol)
    signals = [key for key, orders in books.working.items() if orders and orders[0].intent.symbol == symbol]
    engine.outgoing.cancel([order for key in signals for order in books.live(key, *Leg)])
    engine.incoming.drain()
    if not trades:
        return
    engine.outgoing.note("action", {"symbol": symbol, "over": split.over, "under": split.under, "time": at})
    units = apply(books, symbol, split, at)
    engine.venue.take_split(symbol, units)
    for trade in books.portfolio.of_symbol(symbol):
        if trade.stop:
            engine.incoming.protect(trade)
    books.alerts.append(f"{symbol} split {split.over}:{split.under}, {units:+} units")


def _change(trade: Trade, split: Ratio, at: int) -> None:
    """Quantity times, prices divided by the ratio; a stop goes to the earlier trigger."""
    units = trade.quantity * split.over // split.under - trade.quantity
    trade.entries.append(Flow(trade.side, units, 0, 0, 0, 0, at))
    trade.quantity += units
    up = trade.side > 0
    trade.stop = _divided(trade.stop, split, up=up)
    trade.target = _divided(trade.target, split, up=up)


def _divided(ticks: int, split: Ratio, *, up: bool) -> int:
    return ceil_div(ticks * split.under, split.over) if up else ticks * split.under // split.over
