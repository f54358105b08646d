"""backtrader on the same bars and rule; prints trades, profit and seconds of its run as JSON."""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import backtrader
import pandas as pd

sys.path.insert(0, sys.argv[1])
from generator import columns
from peak import peak_mb


class Cross(backtrader.Strategy):
    def __init__(self) -> None:
        self.fast = backtrader.ind.SumN(self.data.close, period=10)
        self.slow = backtrader.ind.SumN(self.data.close, period=30)
        self.was: float | None = None
        self.closed: list[float] = []

    def notify_trade(self, trade: backtrader.Trade) -> None:
        if trade.isclosed:
            self.closed.append(trade.pnl)

    def next(self) -> None:
        distance = 3 * self.fast[0] - self.slow[0]
        was, self.was = self.was, distance
        if was is None:
            return
        if distance > 0 >= was and not self.position:
            self.buy(size=1)
        elif distance < 0 <= was and self.position:
            self.close()


open_, high, low, close, volume = columns()
frame = pd.DataFrame(
    {"open": open_, "high": high, "low": low, "close": close, "volume": volume},
    index=pd.date_range("2020-09-13 12:26", periods=len(close), freq="min"),
)
cerebro = backtrader.Cerebro(stdstats=False)
cerebro.adddata(backtrader.feeds.PandasData(dataname=frame, timeframe=backtrader.TimeFrame.Minutes))
cerebro.addstrategy(Cross)
cerebro.broker.setcash(1_000_000)
began, used = time.perf_counter(), time.process_time()
(run,) = cerebro.run()
print(
    json.dumps(
        {
            "version": version("backtrader"),
            "trades": len(run.closed),
            "net": round(sum(run.closed), 2),
            "seconds": time.perf_counter() - began,
            "cpu": time.process_time() - used,
            "peak_mb": peak_mb(),
        }
    )
)
