"""What comes in from outside: every signal is parsed once, journaled, and waits or is a dead letter; never both.

Never retries poison, routes by the mode the signal says, never by its age, and stops where it cannot keep a refusal.
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
_RECEIPT = frozenset({"received_at", "source", "offset"})
_NOWHERE: Mapping[str, str] = {}


class Received(NamedTuple):
    """Bytes of one signal, the instant at which they came, and from which place of which source."""

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
        self.places: dict[str, str] = {}
        self.is_stuck = False
        self.on_accept: Callable[[Signal], None] = lambda signal: None
        self.on_dead_letter: Callable[[Received, Rejected], bool] = lambda received, rejected: True

    def take(self) -> None:
        """Everything that arrived, in order of arrival; nothing more once a refused signal could not be kept."""
        arrived, self.inbox = self.inbox, []
        for received in arrived:
            if not self.is_stuck:
                self._take(received)

    def _take(self, received: Received) -> None:
        view = self._books.view
        intake = Intake(view.account, _MODES, self._instruments, view.limits)
        parsed = parse_signal(received.payload, received.received_at, intake, seen=self.ids, last=self._last)
        if isinstance(parsed, Rejected):
            self._refuse(received, parsed)
        else:
            self.on_accept(parsed)
            self.accept(parsed, _origin(received))

    def _refuse(self, received: Received, rejected: Rejected) -> None:
        """Kept first; the journal's record says that the source may go on behind it."""
        self.is_stuck = not self.on_dead_letter(received, rejected)
        if not self.is_stuck:
            codes = [code.value for code in rejected.codes]
            body = {"key": rejected.digest, "signal_id": rejected.id, "codes": codes}
            self._outgoing.note("dlq", {**body, **_origin(received)})

    def recall(self, ids: Iterable[str], documents: Iterable[Mapping[str, Any]]) -> None:
        """After a restart: every id stays taken, and what waited waits again, judged as on its arrival."""
        self.ids.update(ids)
        view = self._books.view
        intake = Intake(view.account, _MODES, self._instruments, view.limits)
        for document in documents:
            plain = {key: value for key, value in document.items() if key not in _RECEIPT}
            parsed = parse_signal(encode_json(plain).encode(), document["received_at"], intake)
            if isinstance(parsed, Signal) and parsed.mode == view.mode:
                self._entries.waiting.add(parsed)

    def accept(self, signal: Signal, origin: Mapping[str, str] = _NOWHERE) -> None:
        """Journal a signal and let it wait; one of another mode goes to the gate at once, which denies it."""
        self.ids.add(signal.id)
        self._outgoing.note("signal", signal_text(signal, self._instruments[signal.symbol], origin))
        if signal.mode == self._books.view.mode:
            self._entries.waiting.add(signal)
        else:
            self._entries.send(signal)

    def _last(self, symbol: str) -> int | None:
        line = self._books.view.lines.get(symbol)
        return line.mark if line is not None and line.mark > 0 else None


def _origin(received: Received) -> Mapping[str, str]:
    """What the journal keeps of the source, so that a restart goes on behind it; a backtest has none."""
    return {"source": received.source, "offset": received.offset} if received.source else _NOWHERE
