"""Fills become facts; an ambiguous exit is priced again with the fee of its other price."""

from __future__ import annotations

from decimal import Decimal

from config.models import catalogue
from engine.instruments import Instrument, instrument
from engine.money import text
from engine.portfolio import Flow, Trade
from engine.reports.closed import closed_trade


def _nifty(fee_percent: str = "0.03") -> Instrument:
    return instrument(
        "NIFTY",
        catalogue.Instrument(
            kind="index",
            currency="INR",
            tick=Decimal("0.05"),
            lot=1,
            multiplier=1,
            calendar="24/7",
            expires_on=None,
            fee=catalogue.Fee(percent_per_side=Decimal(fee_percent), minimum=Decimal("0.0")),
            slippage=catalogue.Slippage(ticks=10, bps=Decimal("0.0")),
        ),
    )


def _fill(trade: Trade, side: int, quantity: int, price: str, slip: int = 0, at: int = 0) -> None:
    ticks = trade.instrument.ticks(Decimal(price))
    value = trade.instrument.value(ticks, quantity)
    slippage = trade.instrument.value(slip, quantity)
    trade.add(Flow(side, quantity, ticks, -side * value, trade.instrument.fee(value), slippage, at))


def _trade(side: int, stop: str, target: str, fee_percent: str = "0.03") -> Trade:
    nifty = _nifty(fee_percent)
    return Trade("s1", "test", nifty, side, nifty.ticks(Decimal(stop)), nifty.ticks(Decimal(target)))


def test_the_stop_of_seed_004_costs_what_the_design_says() -> None:
    trade = _trade(1, "4100", "4150")
    _fill(trade, 1, 50, "4120.00", at=5)
    _fill(trade, -1, 50, "4099.50", slip=10, at=9)
    trade.reason = "SL"
    fact = closed_trade(trade, latency=3)
    assert (fact.entry, fact.exit, fact.quantity, fact.reason) == (
        Decimal("4120"),
        Decimal("4099.5"),
        50,
        "SL",
    )
    assert (text(fact.gross), text(fact.fees), text(fact.net)) == ("-1025.00", "123.29", "-1148.29")
    assert (text(fact.slippage), fact.entered_at, fact.exited_at, fact.latency) == ("25.00", 5, 9, 3)
    assert text(fact.value) == "410975.00"
    assert fact.other_net is None


def test_an_ambiguous_exit_is_priced_at_its_other_level() -> None:
    for side, stop, target, other_exit in ((1, "98", "104", "104"), (-1, "102", "96", "96")):
        trade = _trade(side, stop, target, fee_percent="1.0")
        _fill(trade, side, 10, "100")
        _fill(trade, -side, 10, stop)
        trade.ambiguous = True
        trade.alternative = trade.instrument.value(abs(trade.target - trade.stop), 10)
        fact = closed_trade(trade)
        wished = _trade(side, stop, target, fee_percent="1.0")
        _fill(wished, side, 10, "100")
        _fill(wished, -side, 10, other_exit)
        assert fact.other_net == wished.net
        assert fact.net == trade.net


def test_several_fills_have_a_mean_price() -> None:
    trade = _trade(1, "98", "104")
    _fill(trade, 1, 1, "100.00")
    _fill(trade, 1, 2, "100.05")
    _fill(trade, -1, 3, "101.00")
    fact = closed_trade(trade)
    assert fact.entry == Decimal("100.03333333")
    assert (fact.exit, fact.quantity) == (Decimal("101"), 3)
