"""A second, slow reading of 04-engine 8.2, 8.7, 8.8, 8.11, 8.12, 8.15 and 8.17, written from the paper alone.

Shares no code with the engine: one market of plain dicts, whole cents, exact fractions; a session is a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Any

DAY = 86_400_000_000


@dataclass
class Held:
    """A trade: `fills` are (side, quantity, price); `doubt` the target of an ambiguous bar."""

    id: str
    symbol: str
    side: int
    stop: int
    target: int
    wanted: int
    rests: str = ""
    entry: int = 0
    until: int = 0
    filled: int = 0
    open: int = 0
    fills: list[tuple[int, int, int]] = field(default_factory=list)
    fees: int = 0
    reason: str = ""
    at_market: bool = False
    ambiguous: bool = False

    @property
    def net(self) -> int:
        return -sum(side * quantity * price for side, quantity, price in self.fills) - self.fees


class Market:
    """Replays bars `{symbol, at, open, high, low, close, volume}` and signals; money in cents."""

    def __init__(self, rules: Mapping[str, Any], span: int) -> None:
        self.rules, self.span = rules, span
        self.cash: int = rules["cash"]
        self.start = self.peak = self.cash
        self.streak = self.state = self.sent = self.booked = 0
        self.day, self.tripped = -1, False
        self.mark: dict[str, int] = {}
        self.pool: dict[str, int] = {}
        self.going: list[Held] = []
        self.born: list[Held] = []
        self.open: list[Held] = []
        self.closed: list[Held] = []
        self.waiting: list[dict[str, Any]] = []
        self.denied: list[tuple[str, tuple[str, ...]]] = []
        self.trips: list[str] = []
        self.equities: list[int] = []

    def equity(self) -> int:
        return self.cash + sum(held.side * held.open * self.mark[held.symbol] for held in self.open)

    def run(self, bars: Sequence[Mapping[str, Any]], signals: Sequence[dict[str, Any]]) -> None:
        for at in sorted({bar["at"] for bar in bars}):
            now = sorted((bar for bar in bars if bar["at"] == at), key=lambda bar: bar["symbol"])
            self.turn(at)
            for moment in (self.at_open, self.inside, self.after_entry):
                booked, closed = self.booked, len(self.closed)
                for bar in now:
                    moment(bar)
                self.count_losses(self.closed[closed:])
                if self.booked > booked:
                    self.check()
            self.mark |= {bar["symbol"]: bar["close"] for bar in now}
            self.check()
            self.decide(at, now, [s for s in signals if at <= s["received"] < at + self.span])
            self.equities.append(self.equity())

    def turn(self, at: int) -> None:
        day = at // DAY
        if 0 <= self.day != day:
            self.peak, self.start = max(self.peak, self.equity()), self.equity()
            self.streak = 0 if self.streak >= self.rules["losses"] else self.streak
            self.sent = 0
            if self.tripped:
                self.state, self.tripped = 0, False
                self.trips.append("REARMED")
        self.day = day

    def at_open(self, bar: Mapping[str, Any]) -> None:
        symbol, price = bar["symbol"], bar["open"]
        lot = self.rules["lot"]
        self.pool[symbol] = bar["volume"] // 10 // lot * lot
        for held in [held for held in self.open if held.symbol == symbol]:
            if held.at_market or held.side * (price - held.stop) <= 0:
                self.leave(held, "SL", price)
            elif held.side * (price - held.target) >= self.rules["beyond"]:
                self.leave(held, "TP", price if self.rules["gap_at_open"] else held.target)
        for held in [held for held in self.going if held.symbol == symbol]:
            if held.rests and held.until <= bar["at"]:
                self.withdraw(held, "WAIT_EXPIRED")
                continue
            if held.rests and not self.reached(held, price, price):
                continue
            if held.side * (price - held.stop) <= 0 or held.side * (price - held.target) >= 0:
                self.withdraw(held, "ENTRY_GAPPED")
                continue
            self.enter(held, price)

    def enter(self, held: Held, price: int) -> None:
        slip = 0 if held.rests == "limit" else self.slippage(price)
        held.rests = "" if held.rests == "stop" else held.rests
        units = min(held.wanted - held.filled, self.pool[held.symbol])
        if units:
            self.fill(held, held.side, units, price + held.side * slip)
            held.filled += units
            held.open += units
            if held not in self.open:
                self.open.append(held)
        if held.filled == held.wanted:
            self.going.remove(held)

    def reached(self, held: Held, low: int, high: int) -> bool:
        """Whether a resting entry fills between these prices: a limit goes beyond its own, a stop to it."""
        worst, best = (low, high) if held.side > 0 else (high, low)
        if held.rests == "limit":
            return bool(held.side * (held.entry - worst) >= self.rules["beyond"])
        return held.side * (best - held.entry) >= 0

    def inside(self, bar: Mapping[str, Any]) -> None:
        for held in [held for held in self.open if held.symbol == bar["symbol"] and not held.at_market]:
            worst, best = (bar["low"], bar["high"]) if held.side > 0 else (bar["high"], bar["low"])
            beyond = held.side * (best - held.target) >= self.rules["beyond"]
            if held.side * (worst - held.stop) <= 0:
                held.ambiguous = beyond
                self.leave(held, "SL", held.stop)
            elif beyond:
                self.leave(held, "TP", held.target)

        self.born = [held for held in self.born if held.symbol != bar["symbol"]]
        for held in [held for held in self.going if held.symbol == bar["symbol"] and held.rests]:
            if self.reached(held, bar["low"], bar["high"]):
                before = held.filled
                self.enter(held, held.entry)
                self.born += [held] if held.filled > before else []

    def after_entry(self, bar: Mapping[str, Any]) -> None:
        """Entered inside the bar: only its stop may follow; its target makes it a doubt, no exit."""
        for held in [held for held in self.born if held.symbol == bar["symbol"] and held in self.open]:
            worst, best = (bar["low"], bar["high"]) if held.side > 0 else (bar["high"], bar["low"])
            if held.side * (worst - held.stop) <= 0 and not held.at_market:
                held.ambiguous = held.side * (best - held.target) >= self.rules["beyond"]
                self.leave(held, "SL", held.stop)
        self.born = [held for held in self.born if held.symbol != bar["symbol"]]

    def leave(self, held: Held, reason: str, price: int) -> None:
        if held in self.going:
            self.going.remove(held)
        held.at_market = reason == "SL"
        units = min(held.open, self.pool[held.symbol])
        if not units:
            return
        slip = self.slippage(price) if reason == "SL" else 0
        self.fill(held, -held.side, units, price - held.side * slip)
        held.reason = held.reason or reason
        held.open -= units
        if not held.open:
            self.open.remove(held)
            self.closed.append(held)

    def fill(self, held: Held, side: int, units: int, price: int) -> None:
        fee = floor(Fraction(units * price) * self.rules["fee"] + Fraction(1, 2))
        self.pool[held.symbol] -= units
        self.cash -= side * units * price + fee
        held.fees += fee
        self.booked += 1
        held.fills.append((side, units, price))

    def slippage(self, price: int) -> int:
        by_points: int = ceil(Fraction(price) * self.rules["bps"] / 10_000)
        return max(by_points, int(self.rules["ticks"]))

    def withdraw(self, held: Held, code: str) -> None:
        self.going.remove(held)
        if not held.filled:
            self.denied.append((held.id, (code,)))

    def count_losses(self, closed: Sequence[Held]) -> None:
        for held in closed:
            if held.net:
                self.streak = self.streak + 1 if held.net < 0 else 0
                if self.streak >= self.rules["losses"] and self.state < 1:
                    self.trip("CONSEC_LOSS", 1)

    def check(self) -> None:
        equity = self.equity()
        if self.peak - equity >= self.rules["drawdown"] * self.peak and self.state < 2:
            self.trip("DRAWDOWN", 2)
        if self.start - equity >= self.rules["daily"] * self.start and self.state < 1:
            self.trip("DAILY_LOSS", 1)

    def trip(self, name: str, state: int) -> None:
        self.trips.append(name)
        self.state, self.tripped = max(self.state, state), True
        for held in list(self.going):
            self.withdraw(held, "STATE")

    def decide(self, at: int, bars: Sequence[Mapping[str, Any]], arrived: list[dict[str, Any]]) -> None:
        now = at + self.span
        self.waiting += sorted(arrived, key=lambda signal: signal["received"])
        for signal in [signal for signal in self.waiting if signal["expires"] <= now]:
            self.waiting.remove(signal)
            self.denied.append((signal["id"], ("WAIT_EXPIRED",)))
        here = {bar["symbol"]: bar for bar in bars}
        rests = self.rules["rests"]
        ready = [
            s for s in self.waiting if s["symbol"] in here and (rests or _is_ready(s, here[s["symbol"]]))
        ]
        if ready:
            best = min(ready, key=lambda s: (-_reward(s), s["received"], s["id"]))
            self.waiting.remove(best)
            self.review(best)

    def review(self, signal: dict[str, Any]) -> None:
        side, entry, symbol = signal["side"], signal["entry"], signal["symbol"]
        price, rules = max(entry, self.mark[symbol]), self.rules
        held = {name: self.units(name) for name in self.mark}
        gross = sum(abs(units) * self.mark[name] for name, units in held.items())
        mine, lot = abs(held[symbol]), rules["lot"]
        room = (
            rules["value"],
            rules["position"] * self.start - mine * price,
            rules["gross"] * self.start - gross,
        )
        risk = rules["risk"] * self.start / abs(entry - signal["stop"])
        least = min(signal["quantity"], risk, *(Fraction(space) / price for space in room))
        units = max(0, floor(least / lot) * lot)
        judged, cost = (units or lot) * price, units * (price + self.slippage(price))
        cost += floor(cost * rules["fee"] + Fraction(1, 2))
        tied = sum(2 * max(0, -self.positions(name)) * self.mark[name] for name in self.mark)
        tied += sum((going.wanted - going.filled) * self.mark[going.symbol] for going in self.going)
        lost, fallen, equity = self.start - self.equity(), self.peak - self.equity(), self.start
        codes = {
            "STATE": self.state > 0,
            "OPPOSITE_POSITION": held[symbol] * side < 0,
            "QTY_ZERO": not units,
            "MAX_ORDER_VALUE": judged > rules["value"],
            "MAX_POSITION_PCT": mine * price + judged > rules["position"] * equity,
            "MAX_GROSS": gross + judged > rules["gross"] * equity,
            "MAX_OPEN_POSITIONS": sum(1 for name in held if name != symbol and held[name])
            >= rules["positions"],
            "BUYING_POWER": units > 0 and cost > self.cash - tied,
            "RATE": self.sent >= rules["orders"],
            "DAILY_LOSS": lost >= rules["daily"] * self.start,
            "CONSEC_LOSS": self.streak >= rules["losses"],
            "DRAWDOWN": fallen >= rules["drawdown"] * self.peak,
        }
        if any(codes.values()):
            self.denied.append((signal["id"], tuple(code for code, fails in codes.items() if fails)))
            return
        self.sent += 1
        rests = signal["kind"] if self.rules["rests"] and signal["kind"] != "market" else ""
        bracket = (signal["stop"], signal["target"])
        self.going.append(Held(signal["id"], symbol, side, *bracket, units, rests, entry, signal["expires"]))

    def positions(self, symbol: str) -> int:
        return sum(held.side * held.open for held in self.open if held.symbol == symbol)

    def units(self, symbol: str) -> int:
        """Signed units held and on their way: never on both sides, because entries against a position are denied."""
        going = sum(h.side * (h.wanted - h.filled) for h in self.going if h.symbol == symbol)
        return self.positions(symbol) + going


def _is_ready(signal: Mapping[str, Any], bar: Mapping[str, Any]) -> bool:
    return bool(signal["kind"] == "market" or bar["low"] <= signal["entry"] <= bar["high"])


def _reward(signal: Mapping[str, Any]) -> Fraction:
    return Fraction(abs(signal["target"] - signal["entry"]), abs(signal["entry"] - signal["stop"]))
