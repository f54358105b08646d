"""A journal read back as the facts of a run; the same records serve paper, shadow, live and backtest.

Never needs a venue or a clock, and never sends: it only reads. Equity is start cash plus what closed trades brought.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from engine.instruments import Instrument
from engine.journal.errors import JournalRefusedError
from engine.journal.record import Record
from engine.money import NotExactError, parse, to_units
from engine.portfolio import Flow, OverExitError, Trade
from engine.reports.closed import closed_trade
from engine.reports.facts import ClosedTrade, Denial, EquityPoint, Run, Trip
from engine.trading_state import Mode


class _Order(NamedTuple):
    leg: str
    signal_id: str
    strategy: str
    instrument: Instrument
    side: int
    stop: int
    target: int


class _Fold:
    def __init__(self, instruments: Mapping[str, Instrument]) -> None:
        self._instruments = instruments
        self._orders: dict[str, _Order] = {}
        self._open: dict[str, Trade] = {}
        self._sent: dict[str, int] = {}
        self._filled: set[str] = set()
        self._equity: int | None = None
        self.facts: dict[str, Any] = {}
        self.signals: dict[str, int] = {}
        self.rejected: list[int] = []
        self.trades: list[ClosedTrade] = []
        self.denials: list[Denial] = []
        self.equity: list[EquityPoint] = []
        self.trips: list[Trip] = []
        self.ids: list[str] = []

    @property
    def held(self) -> frozenset[str]:
        """Signals whose entry was sent and has neither ended nor been closed."""
        return frozenset(self._sent.keys() - self._ended)

    @property
    def waiting(self) -> frozenset[str]:
        """Signals that were neither sent nor denied."""
        return frozenset(self.signals.keys() - self._sent.keys() - self._ended)

    @property
    def _ended(self) -> set[str]:
        return {denial.signal_id for denial in self.denials} | {trade.signal_id for trade in self.trades}

    def take(self, record: Record) -> None:
        """One record; types that no report needs are passed over."""
        step = _STEPS.get(record.type)
        if step is not None:
            step(self, record.at, record.body)

    def _cfg(self, at: int, body: Mapping[str, Any]) -> None:
        self.facts |= body

    def _signal(self, at: int, body: Mapping[str, Any]) -> None:
        self.signals.setdefault(body["id"], at)

    def _dlq(self, at: int, body: Mapping[str, Any]) -> None:
        self.rejected.append(at)

    def _order(self, at: int, body: Mapping[str, Any]) -> None:
        if "leg" in body:
            self._orders[body["id"]] = self._read_order(body)
            self.ids.append(body["id"])
            self.facts.setdefault("commit", body.get("commit", ""))
        order = self._orders[body["id"]]
        if order.leg == "E":
            self._sent[order.signal_id] = at

    def _read_order(self, body: Mapping[str, Any]) -> _Order:
        instrument = self._instruments[body["symbol"]]

        def ticks(key: str) -> int:
            return instrument.ticks(parse(body[key])) if body.get(key) is not None else 0

        side = 1 if body["side"] == "BUY" else -1
        return _Order(
            body["leg"], body["signal_id"], body["strategy"], instrument, side, ticks("stop"), ticks("target")
        )

    def _fill(self, at: int, body: Mapping[str, Any]) -> None:
        order = self._orders[body["id"]]
        self._filled.add(order.signal_id)
        instrument, quantity = order.instrument, body["quantity"]
        trade = self._open.get(order.signal_id)
        if trade is None:
            entry_side = order.side if order.leg == "E" else -order.side
            trade = Trade(order.signal_id, order.strategy, instrument, entry_side, order.stop, order.target)
            self._open[order.signal_id] = trade
        price = instrument.ticks(parse(body["price"]))
        cash = -order.side * instrument.value(price, quantity)
        slippage = instrument.value(body["slippage"], quantity)
        fee = to_units(parse(body["fee"]))
        trade.add(Flow(order.side, quantity, price, cash, fee, slippage, body["time"]))
        if "alternative" in body:
            other = instrument.ticks(parse(body["alternative"]))
            trade.ambiguous = True
            trade.alternative += instrument.value(abs(other - price), quantity)
        if order.leg != "E":
            trade.reason = trade.reason or order.leg
            if not trade.quantity:
                self._close(trade)

    def _close(self, trade: Trade) -> None:
        del self._open[trade.signal_id]
        received, sent = self.signals.get(trade.signal_id), self._sent.get(trade.signal_id)
        latency = None if received is None or sent is None else sent - received
        self.trades.append(closed_trade(trade, latency))
        self._equity = (self._equity or 0) + trade.net
        self.equity.append(EquityPoint(trade.closed_at, self._equity))

    def _deny(self, at: int, body: Mapping[str, Any]) -> None:
        codes = tuple(body.get("codes", ()))
        self.denials.append(
            Denial(at, body["signal_id"], body.get("symbol", ""), body["code"], codes, body.get("detail", ""))
        )

    def _ack(self, at: int, body: Mapping[str, Any]) -> None:
        if "rejected" in body:
            self._end(at, body["id"], "REJECTED", str(body["rejected"]))

    def _cancel(self, at: int, body: Mapping[str, Any]) -> None:
        if "state" in body:
            self._end(at, body["id"], body["state"], str(body.get("reason", "")))

    def _end(self, at: int, order_id: str, state: str, reason: str) -> None:
        """An entry that ended without a fill is a denial by its reason, or by the state it ended in."""
        order = self._orders.get(order_id)
        if order is None or order.leg != "E" or order.signal_id in self._filled:
            return
        code = reason if reason.isupper() and reason.replace("_", "").isalpha() else state
        symbol = order.instrument.symbol
        self.denials.append(Denial(at, order.signal_id, symbol, code, (code,), reason))

    def _session(self, at: int, body: Mapping[str, Any]) -> None:
        if self._equity is None:
            self._equity = to_units(parse(body["equity"]))
            self.facts["start_equity"] = self._equity

    def _breaker(self, at: int, body: Mapping[str, Any]) -> None:
        self.trips.append(Trip(at, body["breaker"]))


_STEPS = {
    "cfg": _Fold._cfg,
    "signal": _Fold._signal,
    "dlq": _Fold._dlq,
    "intent": _Fold._order,
    "sending": _Fold._order,
    "would_send": _Fold._order,
    "ack": _Fold._ack,
    "fill": _Fold._fill,
    "cancel": _Fold._cancel,
    "deny": _Fold._deny,
    "session": _Fold._session,
    "breaker": _Fold._breaker,
}


def journal_run(
    records: Iterable[Record],
    instruments: Mapping[str, Instrument],
    *,
    currency: str,
    journal_hash: str = "",
    mode: str = "",
) -> Run:
    """Every fact the journal holds; JournalRefusedError names the record that does not fit."""
    fold = _Fold(instruments)
    for record in records:
        try:
            fold.take(record)
        except (KeyError, NotExactError, OverExitError) as wrong:
            raise JournalRefusedError(
                f"record {record.seq} ({record.type}) does not fit: {wrong!r}"
            ) from wrong
    word = mode or fold.facts.get("mode")
    if word is None:
        raise JournalRefusedError("the journal does not say its mode; there is no default")
    found = Mode(word)
    ticks: dict[str, Decimal] = {symbol: entry.tick for symbol, entry in instruments.items()}
    return Run(
        environment=fold.facts.get("environment", ""),
        mode=found,
        currency=currency,
        commit=fold.facts.get("commit", ""),
        bundle_digest=fold.facts.get("bundle_digest", ""),
        journal_hash=journal_hash,
        start_equity=fold.facts.get("start_equity", 0),
        trades=tuple(fold.trades),
        denials=tuple(fold.denials),
        equity=tuple(fold.equity),
        trips=tuple(fold.trips),
        signals=fold.signals,
        rejected=tuple(fold.rejected),
        waiting=fold.waiting,
        held=fold.held,
        foreign=tuple(name for name in fold.ids if not name.startswith(found.letter)),
        ticks=ticks,
    )
