"""nautilus_trader on the same bars and rule; prints trades, profit and seconds of its run as JSON.

Its bars are matched as four prices, so an order sent at a bar's close fills at that close, not at the next open.
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from importlib.metadata import version

sys.path.insert(0, sys.argv[1])
from generator import columns
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy
from peak import peak_mb

FIRST, MINUTE = 1_599_999_960 * 10**9, 60 * 10**9
VENUE = Venue("XNAS")
EQUITY = Equity(
    instrument_id=InstrumentId(Symbol("SIM"), VENUE),
    raw_symbol=Symbol("SIM"),
    currency=USD,
    price_precision=2,
    price_increment=Price.from_str("0.01"),
    lot_size=Quantity.from_int(1),
    ts_event=0,
    ts_init=0,
)
BARS = BarType.from_str("SIM.XNAS-1-MINUTE-LAST-EXTERNAL")


class Cross(Strategy):
    def __init__(self) -> None:
        super().__init__()
        self.fast, self.slow = SimpleMovingAverage(10), SimpleMovingAverage(30)
        self.was: float | None = None

    def on_start(self) -> None:
        self.register_indicator_for_bars(BARS, self.fast)
        self.register_indicator_for_bars(BARS, self.slow)
        self.subscribe_bars(BARS)

    def on_bar(self, bar: Bar) -> None:
        if not self.slow.initialized:
            return
        distance = self.fast.value - self.slow.value
        was, self.was = self.was, distance
        if was is None:
            return
        if distance > 0 >= was and self.portfolio.is_flat(EQUITY.id):
            self.submit_order(self.order_factory.market(EQUITY.id, OrderSide.BUY, Quantity.from_int(1)))
        elif distance < 0 <= was and not self.portfolio.is_flat(EQUITY.id):
            self.close_all_positions(EQUITY.id)


def bars() -> list[Bar]:
    """Labelled by their close, which is when this engine may see them."""
    open_, high, low, close, volume = (column.tolist() for column in columns())
    times = range(FIRST + MINUTE, FIRST + MINUTE * (len(close) + 1), MINUTE)
    return [
        Bar(BARS, *(Price(value, 2) for value in prices), Quantity.from_int(units), at, at)
        for at, units, *prices in zip(times, volume, open_, high, low, close, strict=True)
    ]


engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False))
engine.add_venue(
    VENUE,
    oms_type=OmsType.NETTING,
    account_type=AccountType.CASH,
    base_currency=USD,
    starting_balances=[Money(1_000_000, USD)],
)
engine.add_instrument(EQUITY)
engine.add_data(bars())
engine.add_strategy(Cross())
began, used = time.perf_counter(), time.process_time()
engine.run()
seconds, cpu = time.perf_counter() - began, time.process_time() - used
closed = [*engine.cache.position_snapshots(), *engine.cache.positions_closed()]
net = sum((position.realized_pnl.as_decimal() for position in closed), Decimal())
print(
    json.dumps(
        {
            "version": version("nautilus_trader"),
            "trades": len(closed),
            "net": float(net),
            "seconds": seconds,
            "cpu": cpu,
            "peak_mb": peak_mb(),
        }
    )
)
