"""Tells what the journal holds as log lines: orders the venue accepted, denials, fills, exits, states.

Never tells what is not in the journal yet, and never slows the engine: it reads the file from a thread of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from engine.journal.record import Record
from engine.journal.tail import JournalTail

PAUSE_SECONDS = 0.01
_ORDER = ("symbol", "side", "quantity", "price", "leg", "signal_id")
_PROVENANCE = ("commit", "bundle_digest", "snapshot_digest", "generation", "flag", "reason", "bucket")

Say = Callable[[str, Mapping[str, Any]], None]


class Teller:
    """Follows one journal; records from before the start are learned, not told."""

    def __init__(self, tail: JournalTail, say: Say) -> None:
        self._tail = tail
        self._say = say
        self._orders: dict[str, Mapping[str, Any]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="teller", daemon=True)
        for record in tail.fresh():
            self._learn(record)

    def start(self) -> None:
        """Tell until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Tell what is there, then end."""
        self._stop.set()
        self._thread.join(5)

    def tell(self) -> None:
        """Tell what the journal grew by."""
        for record in self._tail.fresh():
            self._learn(record)
            self._line(record.type, record.body)

    def _learn(self, record: Record) -> None:
        if record.type in ("intent", "sending") and "symbol" in record.body:
            self._orders[record.body["id"]] = record.body

    def _line(self, type: str, body: Mapping[str, Any]) -> None:
        match type:
            case "ack" if not {"rejected", "unknown"} & set(body):
                order = self._orders.get(body["id"], {})
                self._say("order", {"order_id": body["id"], **_some(order, *_ORDER, *_PROVENANCE)})
            case "deny":
                words = ("signal_id", "symbol", "leg", "code", "codes", "detail", *_PROVENANCE)
                self._say("denied", _some(body, *words))
            case "fill":
                self._fill(body)
            case "signal" if "source" in body:
                self._say("signal", _some(body, "id", "symbol", "side", "mode", "source", "offset"))
            case "dlq":
                self._say("dead_letter", _some(body, "key", "signal_id", "codes", "source", "offset"))
            case "state" | "kill" | "breaker" | "reconcile" | "shutdown":
                self._say("killed" if type == "kill" else type, body)

    def _fill(self, body: Mapping[str, Any]) -> None:
        order = self._orders.get(body["id"], {})
        event = "fill" if order.get("leg") == "E" else "exit"
        facts = _some(order, "symbol", "side", "leg", "signal_id")
        self._say(event, {"order_id": body["id"], **facts, **_some(body, "price", "quantity", "fee")})

    def _run(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(PAUSE_SECONDS)
            self.tell()


def _some(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: body.get(name) for name in names}
