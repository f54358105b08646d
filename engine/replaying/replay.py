"""A journal read back into books: the same arithmetic as while it was written, and nothing is sent.

Never invents: a record that does not fit the ones before it stops the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.accounting import apply_fill
from engine.books import Books
from engine.journal.errors import JournalRefusedError
from engine.journal.record import Record
from engine.market.splits import apply as apply_split
from engine.money import Ratio, parse, to_units
from engine.orders import Event, IllegalTransitionError, Intent, Leg, Order, OrderState, OrderType
from engine.portfolio import OverExitError
from engine.trading_state import TradingState
from engine.venues.protocol import Fill

_ENDED = {"CANCELED": Event.CANCEL, "EXPIRED": Event.EXPIRE, "REJECTED": Event.REJECT}

_MISFITS = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    IllegalTransitionError,
    OverExitError,
)


class Replay:
    """Applies records in order."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._intents: dict[str, Intent] = {}
        self.day: str | None = None
        self.kill_epoch = 0
        self.breaker_open = False
        self.was_clean = True
        self.signals: dict[str, dict[str, Any]] = {}
        self.ids: set[str] = set()
        self.places: dict[str, str] = {}
        self.is_tripped = False
        self.saved = TradingState.ACTIVE
        self.cause = ""

    def run(self, records: Iterable[Record]) -> None:
        """All records; JournalRefusedError names the one that cannot be."""
        for record in records:
            try:
                self._apply(record)
            except _MISFITS as wrong:
                raise JournalRefusedError(
                    f"record {record.seq} ({record.type}) does not fit what came before: {wrong}"
                ) from wrong

    def unsent(self) -> dict[str, Intent]:
        """Orders that were decided but never announced as sent, nor denied since."""
        sent, seen = self._books.orders, self._books.view.seen
        return {
            key: intent
            for key, intent in self._intents.items()
            if key not in sent and intent.signal_id not in seen
        }

    def _apply(self, record: Record) -> None:
        view, body = self._books.view, record.body
        view.now = max(view.now, record.at)
        if "source" in body:
            self.places[body["source"]] = body["offset"]
        match record.type:
            case "intent":
                self._intents[body["id"]] = self._intent(body)
                self.signals.pop(body["signal_id"], None)
            case "sending":
                self._send(body)
            case "ack":
                self._ack(self._books.orders[body["id"]], body)
            case "fill":
                self._fill(self._books.orders[body["id"]], body)
            case "cancel":
                self._cancel(self._books.orders[body["id"]], body)
            case "signal":
                self.signals[body["id"]] = body
                self.ids.add(body["id"])
            case "deny":
                view.seen.add(body["signal_id"])
                self.signals.pop(body["signal_id"], None)
            case _:
                self._note(record.type, body)

    def _note(self, type: str, body: Mapping[str, Any]) -> None:
        view = self._books.view
        if type == "state":
            self.saved, self.cause = TradingState[body["state"]], body["cause"]
        elif type == "kill":
            self.saved, self.cause = TradingState.KILLED, body["cause"]
            self.kill_epoch = max(self.kill_epoch, body["epoch"])
        elif type == "session":
            self.day, self.is_tripped = body["day"], False
            view.start_equity, view.peak_equity = (
                to_units(parse(body["equity"])),
                to_units(parse(body["peak"])),
            )
            view.losing_streak = body["streak"]
            view.begin_session()
        elif type == "action":
            apply_split(self._books, body["symbol"], Ratio(body["over"], body["under"]), body["time"])
        elif type == "breaker" and body["breaker"] == "BROKER":
            self.breaker_open = body["state"] != "CLOSED"
        elif type == "breaker":
            self.is_tripped = True
        self.was_clean = type == "shutdown" and body["clean"]

    def _intent(self, body: Mapping[str, Any]) -> Intent:
        instrument = self._books.view.lines[body["symbol"]].instrument

        def ticks(key: str) -> int:
            return instrument.ticks(parse(body[key])) if body.get(key) is not None else 0

        return Intent(
            Leg(body["leg"]),
            body["symbol"],
            1 if body["side"] == "BUY" else -1,
            body["quantity"],
            OrderType(body["type"]),
            ticks("price"),
            ticks("stop"),
            ticks("target"),
            body["signal_id"],
            body["strategy"],
            body["mode"],
            body["n"],
            until=body.get("until", 0),
        )

    def _send(self, body: Mapping[str, Any]) -> None:
        books, order_id = self._books, body["id"]
        intent = self._intents.get(order_id) or self._intent(body)
        order = Order(order_id, intent)
        order.happen(Event.JOURNAL)
        order.happen(Event.SEND)
        books.begin(order)
        books.count_sent(intent)
        self.signals.pop(intent.signal_id, None)

    def _ack(self, order: Order, body: Mapping[str, Any]) -> None:
        if "rejected" in body:
            order.happen(Event.REJECT)
            self._books.end(order)
        elif "unknown" in body:
            order.happen(Event.LOSE)
            self._books.lose(order)
        else:
            order.happen(Event.ACCEPT)

    def _fill(self, order: Order, body: Mapping[str, Any]) -> None:
        books = self._books
        line = books.view.lines[order.intent.symbol]
        price = line.instrument.ticks(parse(body["price"]))
        other = line.instrument.ticks(parse(body["alternative"])) if "alternative" in body else 0
        line.mark = price
        fill = Fill(
            order.id, body["execution"], body["quantity"], price, body["time"], body["slippage"], other
        )
        trade, _ = apply_fill(books, order, fill)
        if not trade.quantity and order.intent.leg is not Leg.E:
            books.portfolio.close(trade)
            if trade.net:
                books.view.losing_streak = books.view.losing_streak + 1 if trade.net < 0 else 0

    def _cancel(self, order: Order, body: Mapping[str, Any]) -> None:
        if body.get("asked"):
            order.is_asked = True
            order.happen(Event.ASK_CANCEL)
            return
        if order.state is OrderState.UNKNOWN:
            self._books.find(order)
        withheld = order.state is OrderState.SENDING and body["state"] == "CANCELED"
        order.happen(Event.WITHHOLD if withheld else _ENDED[body["state"]])
        self._books.end(order)
