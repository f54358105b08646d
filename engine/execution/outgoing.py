"""The way out: gate, journal, disk, latch, venue, in this order and no other.

Never sends what is not durable, and reads the latch as the last thing before the venue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from engine import gate
from engine.books import Books
from engine.denials import DenialCode, Denied
from engine.execution.broker_breaker import BrokerBreaker, Circuit
from engine.gate import Approved
from engine.journal.errors import JournalFailedError
from engine.journal.protocol import Journal
from engine.journal.records import approved_text, denied_text, ended_text, id_text
from engine.orders import Event, Intent, Leg, Order, OrderState, client_order_id
from engine.protocols import FlagView, Latch
from engine.trading_state import TradingState
from engine.venues.protocol import Answer, Answered, Venue

_E = Leg.E
_LATCHED = frozenset({Leg.E, Leg.X})
_ACCEPTED, _UNKNOWN, _ACCEPT, _OPEN = Answered.ACCEPTED, Answered.UNKNOWN, Event.ACCEPT, Circuit.OPEN


class Outgoing:
    """Everything that leaves the engine leaves here."""

    def __init__(
        self,
        books: Books,
        *,
        environment: str,
        journal: Journal,
        venue: Venue,
        flags: FlagView,
        latch: Latch,
        time: Callable[[], int],
    ) -> None:
        self._books = books
        self._environment = environment
        self._journal = journal
        self._venue = venue
        self.flags = flags
        self._latch = latch
        self._time = time
        self.is_noted = False
        self.naked: set[str] = set()
        self._group: list[Approved] | None = None
        self.breaker = BrokerBreaker(time, self._tell_breaker)
        self.on_deny: Callable[[Intent, Denied], None] = lambda intent, denied: None

    def send(self, intents: Sequence[Intent]) -> int:
        """Review, announce together, wait for the disk once, then submit; how many were approved."""
        if self.breaker.state is _OPEN:
            intents = self._hold_exits(intents)
        approved = [order for intent in intents if (order := self._review(intent)) is not None]
        if approved and self._announce(approved):
            if self._group is None or any(order.intent.leg is not _E for order in approved):
                self._commit(approved)
            else:
                self._group.extend(approved)
        return len(approved)

    @contextmanager
    def grouped(self) -> Iterator[None]:
        """Entries that are due at once share one wait for the disk; nothing leaves before it, and exits never wait."""
        self._group = []
        try:
            yield
        finally:
            group, self._group = self._group, None
            self._commit(group)

    @property
    def is_grouping(self) -> bool:
        """Whether the wait for the disk comes later, once for all."""
        return self._group is not None

    def _commit(self, approved: Sequence[Approved]) -> None:
        """Durable first, then the venue; or neither."""
        if self.sync():
            for order in approved:
                self._submit(order)
        else:
            self._abandon(approved)

    def cancel(self, orders: Sequence[Order]) -> None:
        """Ask the venue to end orders; the ends come as events."""
        for order in orders:
            order.is_asked = True
            if order.state in (OrderState.ACCEPTED, OrderState.PARTIAL):
                order.happen(Event.ASK_CANCEL)
                self.note("cancel", {"id": order.id, "asked": True})
            self._venue.cancel(order.id)

    def note(self, type: str, body: Mapping[str, object] | str) -> None:
        """Journal something that needs no effect to wait for it; a dead disk halts."""
        self.is_noted = True
        try:
            self._journal.append(self._time(), type, body)
        except JournalFailedError as failure:
            self.halt(str(failure))

    def sync(self) -> bool:
        """Wait for the disk; False (and HALTED) when it failed."""
        self.is_noted = False
        try:
            self._journal.sync()
        except JournalFailedError as failure:
            self.halt(str(failure))
            return False
        if self._journal.is_stalled:
            self.halt("the journal stalled for more than a second")
        return True

    def halt(self, cause: str) -> None:
        """Move right to HALTED."""
        self.move(TradingState.HALTED, cause)

    def move(self, state: TradingState, cause: str) -> None:
        """Move to the right, journal it if the disk still writes; moving left happens in recovery and release."""
        view = self._books.view
        if state <= view.state:
            return
        view.state = state
        self._books.alerts.append(f"{state.name}: {cause}")
        try:
            self._journal.append(self._time(), "state", {"state": state.name, "cause": cause})
        except JournalFailedError as failure:
            self._books.alerts.append(str(failure))

    def _hold_exits(self, intents: Sequence[Intent]) -> list[Intent]:
        """While the venue is unreachable exits wait, first in line; entries go on to be denied."""
        exits = [intent for intent in intents if intent.leg is not Leg.E]
        if exits and self.breaker.hold(exits):
            self._books.alerts.append(f"page: {len(exits)} exits wait for the venue")
        elif exits:
            self.halt("too many exits wait for the venue")
        return [intent for intent in intents if intent.leg is Leg.E]

    def _tell_breaker(self, state: Circuit) -> None:
        self._books.view.broker_open = state is Circuit.OPEN
        self._books.alerts.append(f"broker breaker {state.value}")
        self.note("breaker", {"breaker": "BROKER", "state": state.value})

    def _review(self, intent: Intent) -> Approved | None:
        view = self._books.view
        order_id = client_order_id(
            view.mode,
            self._environment,
            view.account,
            intent.strategy,
            intent.signal_id,
            intent.leg,
            intent.n,
        )
        answer = gate.review(intent, order_id, view, self.flags)
        if isinstance(answer, Denied):
            self._deny(intent, order_id, answer)
            return None
        return answer

    def _deny(self, intent: Intent, order_id: str, denied: Denied) -> None:
        line = self._books.view.lines.get(intent.symbol)
        self._books.counts.denied += 1
        self.note("deny", denied_text(order_id, intent, denied, line.instrument if line else None))
        if intent.leg is Leg.E:
            self._books.view.seen.add(intent.signal_id)
        if denied.crashed or intent.leg in (Leg.SL, Leg.TP):
            self.halt(f"{intent.leg.value} of {intent.symbol}: {denied.code.value} {denied.detail}")
        self.on_deny(intent, denied)

    def _announce(self, approved: Sequence[Approved]) -> bool:
        lines, append, now = self._books.view.lines, self._journal.append, self._time()
        try:
            for order in approved:
                intent = order.intent
                body = approved_text(order, lines[intent.symbol].instrument)
                if intent.leg is _E:
                    append(now, "intent", body)
                    body = id_text(order.order_id)
                append(now, "sending", body)
                self._begin(order)
        except JournalFailedError as failure:
            self.halt(str(failure))
            return False
        return True

    def _begin(self, approved: Approved) -> None:
        books, intent = self._books, approved.intent
        books.begin(Order.announced(approved.order_id, intent))
        books.counts.approved += 1
        books.count_sent(intent)

    def _abandon(self, approved: Sequence[Approved]) -> None:
        """The disk failed between announcing and sending: nothing of it was sent."""
        for order in approved:
            self._withhold(self._books.orders[order.order_id], "journal failed")

    def _submit(self, approved: Approved) -> None:
        order = self._books.orders[approved.order_id]
        try:
            if self._latch.closed and approved.intent.leg in _LATCHED:
                self._withhold(order, f"latch closed: {self._latch.cause}")
                return
            answer = self._venue.submit(approved)
        except Exception as failure:  # a venue that raises has answered nothing
            answer = Answer(Answered.UNKNOWN, f"{type(failure).__name__}: {failure}"[:200])
        self._books.counts.sent += 1
        if answer.kind is _UNKNOWN:
            self.breaker.note_failure()
        else:
            self.breaker.note_answer()
        self._take(order, answer)

    def _take(self, order: Order, answer: Answer) -> None:
        if answer.kind is _ACCEPTED:
            order.happen(_ACCEPT)
            self.note("ack", id_text(order.id))
        elif answer.kind is Answered.REJECTED:
            order.happen(Event.REJECT)
            self._books.end(order)
            self.note("ack", {"id": order.id, "rejected": answer.reason})
            self._tell_refused(order, answer.reason)
        else:
            order.happen(Event.LOSE)
            self._books.lose(order)
            self.note("ack", {"id": order.id, "unknown": answer.reason})

    def _tell_refused(self, order: Order, reason: str) -> None:
        """A refused entry is a lost chance; a refused stop leaves a position naked."""
        leg, signal_id = order.intent.leg, order.intent.signal_id
        if leg is Leg.SL:
            self.naked.add(signal_id)
            self.halt(f"the venue refused the stop of {signal_id}: {reason}")
        elif leg is not Leg.E:
            self._books.alerts.append(f"page: the venue refused {leg.value} of {signal_id}: {reason}")

    def _withhold(self, order: Order, reason: str) -> None:
        order.happen(Event.WITHHOLD)
        self._books.end(order)
        self._books.counts.withheld += 1
        self.note("cancel", ended_text(order.id, order.state, reason))
        self.on_deny(order.intent, Denied(DenialCode.STATE, reason, (DenialCode.STATE,)))
