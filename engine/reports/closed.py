"""A trade of the engine as a fact of a report; ambiguous ones are priced a second time, with their own fees.

Never asks the market: everything stands in the fills.
"""

from __future__ import annotations

from decimal import Decimal

from engine.money import CONTEXT
from engine.portfolio import Flow, Trade
from engine.reports.facts import ClosedTrade

_PLACES = Decimal("1e-8")


def closed_trade(trade: Trade, latency: int | None = None) -> ClosedTrade:
    """The fact of a trade whose last unit is out."""
    return ClosedTrade(
        signal_id=trade.signal_id,
        strategy=trade.strategy,
        symbol=trade.instrument.symbol,
        side=trade.side,
        quantity=sum(flow.quantity for flow in trade.entries),
        entered_at=trade.entries[0].at,
        entry=_mean(trade.entries, trade.instrument.tick),
        exited_at=trade.exits[-1].at,
        exit=_mean(trade.exits, trade.instrument.tick),
        reason=trade.reason,
        gross=trade.gross,
        slippage=trade.slippage,
        fees=trade.fees,
        net=trade.net,
        value=sum(abs(flow.cash) for flow in (*trade.entries, *trade.exits)),
        ambiguous=trade.ambiguous,
        other_net=_other_net(trade) if trade.ambiguous else None,
        unverified_jump=trade.unverified_jump,
        latency=latency,
    )


def _mean(flows: list[Flow], tick: Decimal) -> Decimal:
    units = sum(flow.quantity for flow in flows)
    ticks = sum(flow.price * flow.quantity for flow in flows)
    if ticks % units == 0:
        return tick * (ticks // units)
    exact = CONTEXT.divide(CONTEXT.multiply(Decimal(ticks), tick), Decimal(units))
    return exact.quantize(_PLACES, context=CONTEXT).normalize(CONTEXT)


def _other_net(trade: Trade) -> int:
    """Net had the target come first: other proceeds, and the fee of those proceeds."""
    proceeds = sum(flow.cash for flow in trade.exits)
    fee = trade.instrument.fee
    other_fees = trade.fees - fee(proceeds) + fee(proceeds + trade.alternative)
    return trade.gross + trade.alternative - other_fees
