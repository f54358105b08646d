"""backtesting.py on the same bars and rule; prints trades, profit and seconds of its run as JSON."""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy

sys.path.insert(0, sys.argv[1])
from generator import columns
from peak import peak_mb


def sums(close: np.ndarray, length: int) -> np.ndarray:
    total = np.cumsum(np.concatenate(([0.0], close)))
    return np.concatenate((np.full(length - 1, np.nan), total[length:] - total[:-length]))


class Cross(Strategy):
    def init(self) -> None:
        close = np.asarray(self.data.Close, dtype=float)
        self.distance = self.I(lambda: 3 * sums(close, 10) - sums(close, 30), plot=False)
        self.was: float | None = None

    def next(self) -> None:
        distance = self.distance[-1]
        was, self.was = self.was, distance
        if np.isnan(distance) or was is None or np.isnan(was):
            return
        if distance > 0 >= was and not self.position:
            price = self.data.Close[-1]
            self.buy(size=1, sl=price * 0.951, tp=price * 1.08)
        elif distance < 0 <= was and self.position:
            self.position.close()


open_, high, low, close, volume = columns()
frame = pd.DataFrame(
    {"Open": open_, "High": high, "Low": low, "Close": close, "Volume": volume},
    index=pd.date_range("2020-09-13 12:26", periods=len(close), freq="min"),
)
test = Backtest(frame, Cross, cash=1_000_000, commission=0)
began, used = time.perf_counter(), time.process_time()
stats = test.run()
print(
    json.dumps(
        {
            "version": version("backtesting"),
            "trades": int(stats["# Trades"]),
            "net": round(float(stats["_trades"]["PnL"].sum()), 2),
            "seconds": time.perf_counter() - began,
            "cpu": time.process_time() - used,
            "peak_mb": peak_mb(),
        }
    )
)
