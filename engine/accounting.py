"""A fill as money and units: the same arithmetic while trading and while a journal is replayed.

Never sends anything.
"""

from __future__ import annotations

from engine.books import Books
from engine.orders import Leg, Order, OrderState
from engine.portfolio import Flow, Trade
from engine.venues.protocol import Fill

_E = Leg.E
_UNKNOWN, _FILLED = OrderState.UNKNOWN, OrderState.FILLED


def apply_fill(books: Books, order: Order, fill: Fill) -> tuple[Trade, int]:
    """Move order, position, cash and trade; the trade and the fee of this fill."""
    if order.state is _UNKNOWN:
        books.find(order)
    was_open = order.is_open
    order.fill(fill.quantity)
    order.executions.add(fill.execution_id)
    intent = order.intent
    line = books.view.lines[intent.symbol]
    trade = _trade(books, order)
    instrument = line.instrument
    value = instrument.value(fill.price, fill.quantity)
    fee = instrument.fee(value)
    slippage = instrument.value(fill.slippage, fill.quantity) if fill.slippage else 0
    cash = -intent.side * value
    trade.add(Flow(intent.side, fill.quantity, fill.price, cash, fee, slippage, fill.at))
    if fill.alternative:
        trade.ambiguous = True
        trade.alternative += instrument.value(abs(fill.alternative - fill.price), fill.quantity)
    books.counts.fills += 1
    books.view.cash += cash - fee
    books.carry(intent.symbol, intent.side * fill.quantity)
    _count_down(books, order, trade, fill.quantity, was_open)
    return trade, fee


def _count_down(books: Books, order: Order, trade: Trade, units: int, was_open: bool) -> None:
    """What filled is no longer on its way; what is closed is no longer covered."""
    line, intent = books.view.lines[order.intent.symbol], order.intent
    if intent.leg is _E:
        if was_open:
            line.pending -= intent.side * units
    else:
        trade.reason = trade.reason or intent.leg._value_
        if trade.signal_id in line.covered:
            line.covered[trade.signal_id] = trade.quantity
    if order.state is _FILLED:
        books.end(order)


def _trade(books: Books, order: Order) -> Trade:
    intent, trades = order.intent, books.portfolio.open
    trade = trades.get(intent.signal_id)
    if trade is None:
        line = books.view.lines[intent.symbol]
        side = intent.side if intent.leg is _E else -intent.side
        trade = Trade(intent.signal_id, intent.strategy, line.instrument, side, intent.stop, intent.target)
        trade.unverified_jump = line.jumped
        trades[intent.signal_id] = trade
    return trade
