"""What comes in from outside: every signal is parsed once, journaled, and waits or is a dead letter; never both.

Never retries poison, and routes by the mode the signal says, never by its age.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from engine.books import Books
from engine.compact_json import encode_json
from engine.execution.entries import Entries
from engine.execution.outgoing import Outgoing
from engine.intake.signal_reasons import Rejected
from engine.journal.records import signal_text
from engine.signals import Intake, Signal, parse_signal

_MODES = frozenset({"backtest", "paper", "shadow", "live"})


class Received(NamedTuple):
    """Bytes of one signal and the instant at which they came."""

    received_at: int
    payload: bytes
    source: str = ""
    offset: str = ""


class Receiving:
    """The inbox of one account."""

    def __init__(self, books: Books, outgoing: Outgoing, entries: Entries) -> None:
        view = books.view
        self._books = books
        self._outgoing = outgoing
        self._entries = entries
        self._instruments = {symbol: line.instrument for symbol, line in view.lines.items()}
        self.inbox: list[Received] = []
        self.ids: set[str] = set()
        self.on_dead_letter: Callable[[Received, Rejected], None] = lambda received, rejected: None

    def take(self) -> None:
        """Everything that arrived, in order of arrival."""
        arrived, self.inbox = self.inbox, []
        for received in arrived:
            self._take(received)

    def _take(self, received: Received) -> None:
        view = self._books.view
        intake = Intake(view.account, _MODES, self._instruments, view.limits)
        parsed = parse_signal(received.payload, received.received_at, intake, seen=self.ids, last=self._last)
        if isinstance(parsed, Rejected):
            codes = [code.value for code in parsed.codes]
            self._outgoing.note("dlq", {"key": parsed.digest, "signal_id": parsed.id, "codes": codes})
            self.on_dead_letter(received, parsed)
            return
        self.accept(parsed)

    def recall(self, ids: Iterable[str], documents: Iterable[Mapping[str, Any]]) -> None:
        """After a restart: every id stays taken, and what waited waits again, judged as on its arrival."""
        self.ids.update(ids)
        view = self._books.view
        intake = Intake(view.account, _MODES, self._instruments, view.limits)
        for document in documents:
            plain = {key: value for key, value in document.items() if key != "received_at"}
            parsed = parse_signal(encode_json(plain).encode(), document["received_at"], intake)
            if isinstance(parsed, Signal) and parsed.mode == view.mode:
                self._entries.waiting.add(parsed)

    def accept(self, signal: Signal) -> None:
        """Journal a signal and let it wait; one of another mode goes to the gate at once, which denies it."""
        self.ids.add(signal.id)
        self._outgoing.note("signal", signal_text(signal, self._instruments[signal.symbol]))
        if signal.mode == self._books.view.mode:
            self._entries.waiting.add(signal)
        else:
            self._entries.send(signal)

    def _last(self, symbol: str) -> int | None:
        line = self._books.view.lines.get(symbol)
        return line.mark if line is not None and line.mark > 0 else None
