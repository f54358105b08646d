"""A replay's result as a document: every number exact, as text; the same keys for people and machines.

Never rounds: a price average that does not fit its tick shows eight places.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ci.backtesting.inputs import Replayable
from ci.output.document import Document, Table
from engine import money
from engine.backtest import Result
from engine.clock import stamp
from engine.feeds.feed import Feed
from engine.orders import Order
from engine.portfolio import Trade
from engine.reports.ambiguity import Band, band
from engine.reports.closed import closed_trade

_QUIET = frozenset(
    {"tool_root", "config_root", "trades", "denied", "equity", "open_positions", "working", "waiting"}
)
_SIDES = {1: "LONG", -1: "SHORT"}
_TRADE_COLUMNS = (
    "symbol",
    "side",
    "quantity",
    "entry_time",
    "entry",
    "exit_time",
    "exit",
    "reason",
    "net",
    "ambiguous",
)
_SHOWN = 40


def answer(result: Result, feed: Feed, replayable: Replayable, roots: Mapping[str, str]) -> Document:
    """The document of one replay."""
    facts = [closed_trade(trade) for trade in result.trades]
    doubt = band(facts)
    trades = [trade_row(trade) for trade in result.trades]
    denied = [
        {
            "time": stamp(refusal.at),
            "signal_id": refusal.signal_id,
            "symbol": refusal.symbol,
            "code": refusal.code,
            "codes": list(refusal.codes),
            "detail": refusal.detail,
        }
        for refusal in result.denied
    ]
    return Document(
        schema="interlock.backtest/1",
        title=f"backtest of {replayable.environment.environment}, {feed.source}",
        exit_code=0,
        summary=_summary(result, doubt),
        facts={
            **roots,
            "environment": replayable.environment.environment,
            "config_digest": replayable.bundle.semantic_digest,
            "feed": feed.source,
            "bars": result.bars,
            "signals": result.signals,
            **_figures(result, doubt),
            "breakers": result.trips,
            "alerts": result.alerts,
            "journal_records": result.records,
            "journal_hash": result.journal_hash,
            "trades": trades,
            "denied": denied,
            "open_positions": [_open_row(trade) for trade in result.open_trades],
            "working": [_working_row(order) for order in result.working],
            "waiting": result.waiting,
            "equity": [
                {"time": stamp(at), "equity": money.text(units)}
                for at, units in zip(result.equity_at, result.equity, strict=True)
            ],
        },
        tables=tuple(_tables(trades, denied)),
        quiet_facts=_QUIET,
    )


def trade_row(trade: Trade) -> dict[str, Any]:
    """One closed trade."""
    fact = closed_trade(trade)
    return {
        "signal_id": fact.signal_id,
        "symbol": fact.symbol,
        "side": _SIDES[fact.side],
        "quantity": fact.quantity,
        "entry_time": stamp(fact.entered_at),
        "entry": f"{fact.entry:f}",
        "exit_time": stamp(fact.exited_at),
        "exit": f"{fact.exit:f}",
        "reason": fact.reason,
        "gross": money.text(fact.gross),
        "slippage": money.text(fact.slippage),
        "fees": money.text(fact.fees),
        "entry_fees": money.text(sum(flow.fee for flow in trade.entries)),
        "exit_fees": money.text(sum(flow.fee for flow in trade.exits)),
        "net": money.text(fact.net),
        "ambiguous": fact.ambiguous,
        "other_net": None if fact.other_net is None else money.text(fact.other_net),
        "unverified_jump": fact.unverified_jump,
    }


def _open_row(trade: Trade) -> dict[str, Any]:
    instrument = trade.instrument
    return {
        "signal_id": trade.signal_id,
        "symbol": instrument.symbol,
        "side": _SIDES[trade.side],
        "quantity": trade.quantity,
        "stop_loss": str(instrument.price(trade.stop)) if trade.stop else None,
        "take_profit_1": str(instrument.price(trade.target)) if trade.target else None,
    }


def _working_row(order: Order) -> dict[str, Any]:
    """An entry on its way when the bars ended."""
    intent = order.intent
    return {
        "signal_id": intent.signal_id,
        "symbol": intent.symbol,
        "side": _SIDES[intent.side],
        "quantity": order.left,
    }


def _figures(result: Result, doubt: Band) -> dict[str, Any]:
    end = result.equity[-1] if result.equity else result.start_equity
    return {
        "state": result.state.name,
        "trade_count": doubt.trades,
        "denied_count": len(result.denied),
        "net": money.text(doubt.net),
        "start_equity": money.text(result.start_equity),
        "end_equity": money.text(end),
        "cash": money.text(result.cash),
        "ambiguous": doubt.ambiguous,
        "net_worst": money.text(doubt.worst),
        "net_best": money.text(doubt.best),
        "ambiguity_passes": doubt.passes,
    }


def _summary(result: Result, doubt: Band) -> str:
    return (
        f"{result.bars} bars, {doubt.trades} trades, net {money.text(doubt.net)}, {len(result.denied)} denied, "
        f"{doubt.ambiguous} ambiguous (net {money.text(doubt.worst)} to {money.text(doubt.best)})"
    )


def _tables(trades: list[dict[str, Any]], denied: list[dict[str, Any]]) -> list[Table]:
    """The first rows for people; machines read the facts."""
    rows = tuple(tuple(str(trade[column]) for column in _TRADE_COLUMNS) for trade in trades[:_SHOWN])
    refused = tuple((row["time"], row["signal_id"], row["code"], row["detail"]) for row in denied[:_SHOWN])
    tables = [Table("trades", _TRADE_COLUMNS, rows)] if rows else []
    return tables + ([Table("denied", ("time", "signal", "code", "detail"), refused)] if refused else [])
