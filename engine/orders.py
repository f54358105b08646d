"""What an order is and which states it may pass through: one table, and whatever is not in it halts.

Never times out into an ending: UNKNOWN leaves only by evidence of the venue.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from engine.compact_json import quoted
from engine.trading_state import Mode


class Leg(str, Enum):
    """Why an order exists: entry, stop loss, take profit, strategy or time exit, flatten."""

    __hash__ = str.__hash__  # Enum hashes in Python, and states are looked up all the time

    E = "E"
    SL = "SL"
    TP = "TP"
    X = "X"
    F = "F"


ENTRY = frozenset({Leg.E})
EXITS = frozenset({Leg.SL, Leg.TP, Leg.X, Leg.F})
EVERY_LEG = ENTRY | EXITS


class OrderType(str, Enum):
    """How an order meets the market."""

    __hash__ = str.__hash__

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class Intent(NamedTuple):
    """What somebody wants to send; ticks and units; side +1 buys, -1 sells.

    An entry carries its whole bracket (`stop`, `target`) and the price it counts on (`price`, 0 for an exit at market);
    one that rests at the venue leaves it at the first bar from `until` on.
    """

    leg: Leg
    symbol: str
    side: int
    quantity: int
    type: OrderType
    price: int
    stop: int
    target: int
    signal_id: str
    strategy: str
    mode: str
    n: int = 1
    received_at: int = 0
    until: int = 0


class OrderState(str, Enum):
    """Where an order stands; denied is ours, rejected is the venue's."""

    __hash__ = str.__hash__

    INTENT = "INTENT"
    DENIED = "DENIED"
    JOURNALED = "JOURNALED"
    SENDING = "SENDING"
    ACCEPTED = "ACCEPTED"
    PARTIAL = "PARTIAL"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    PENDING_CANCEL = "PENDING_CANCEL"
    UNKNOWN = "UNKNOWN"


class Event(str, Enum):
    """What can happen to an order."""

    __hash__ = str.__hash__

    DENY = "deny"
    JOURNAL = "journal"
    SEND = "send"
    WITHHOLD = "withhold"
    ACCEPT = "accept"
    REJECT = "reject"
    PART_FILL = "part_fill"
    FILL = "fill"
    ASK_CANCEL = "ask_cancel"
    CANCEL = "cancel"
    EXPIRE = "expire"
    LOSE = "lose"


_S, _V = OrderState, Event
IN_FLIGHT = frozenset({_S.SENDING, _S.PENDING_CANCEL, _S.UNKNOWN})
TERMINAL = frozenset({_S.DENIED, _S.FILLED, _S.CANCELED, _S.EXPIRED, _S.REJECTED})
_VENUE_SAYS = {
    _V.PART_FILL: _S.PARTIAL,
    _V.FILL: _S.FILLED,
    _V.CANCEL: _S.CANCELED,
    _V.EXPIRE: _S.EXPIRED,
    _V.REJECT: _S.REJECTED,
    _V.LOSE: _S.UNKNOWN,
}
TABLE: dict[tuple[OrderState, Event], OrderState] = {
    (_S.INTENT, _V.DENY): _S.DENIED,
    (_S.INTENT, _V.JOURNAL): _S.JOURNALED,
    (_S.JOURNALED, _V.SEND): _S.SENDING,
    (_S.JOURNALED, _V.EXPIRE): _S.EXPIRED,
    (_S.SENDING, _V.WITHHOLD): _S.CANCELED,
    **{(_S.SENDING, event): state for event, state in _VENUE_SAYS.items()},
    **{(_S.ACCEPTED, event): state for event, state in _VENUE_SAYS.items()},
    **{(_S.PARTIAL, event): state for event, state in _VENUE_SAYS.items()},
    **{(_S.PENDING_CANCEL, event): state for event, state in _VENUE_SAYS.items()},
    **{(_S.UNKNOWN, event): state for event, state in _VENUE_SAYS.items()},
    (_S.SENDING, _V.ACCEPT): _S.ACCEPTED,
    (_S.ACCEPTED, _V.ACCEPT): _S.ACCEPTED,
    (_S.PARTIAL, _V.ACCEPT): _S.PARTIAL,
    (_S.UNKNOWN, _V.ACCEPT): _S.ACCEPTED,
    (_S.ACCEPTED, _V.ASK_CANCEL): _S.PENDING_CANCEL,
    (_S.PARTIAL, _V.ASK_CANCEL): _S.PENDING_CANCEL,
    (_S.PENDING_CANCEL, _V.ASK_CANCEL): _S.PENDING_CANCEL,
    (_S.PENDING_CANCEL, _V.ACCEPT): _S.PENDING_CANCEL,
    (_S.PENDING_CANCEL, _V.PART_FILL): _S.PENDING_CANCEL,
}
LATE: dict[tuple[OrderState, Event], OrderState] = {
    (_S.FILLED, _V.ACCEPT): _S.FILLED,
    (_S.FILLED, _V.CANCEL): _S.FILLED,
    (_S.FILLED, _V.ASK_CANCEL): _S.FILLED,
    (_S.CANCELED, _V.ACCEPT): _S.CANCELED,
    (_S.CANCELED, _V.CANCEL): _S.CANCELED,
    (_S.CANCELED, _V.PART_FILL): _S.CANCELED,
    (_S.CANCELED, _V.FILL): _S.FILLED,
    (_S.EXPIRED, _V.ACCEPT): _S.EXPIRED,
    (_S.EXPIRED, _V.EXPIRE): _S.EXPIRED,
    (_S.EXPIRED, _V.PART_FILL): _S.EXPIRED,
    (_S.EXPIRED, _V.FILL): _S.FILLED,
    (_S.REJECTED, _V.ACCEPT): _S.ACCEPTED,
    (_S.REJECTED, _V.REJECT): _S.REJECTED,
    (_S.REJECTED, _V.PART_FILL): _S.PARTIAL,
    (_S.REJECTED, _V.FILL): _S.FILLED,
}


_ANNOUNCED = TABLE[(TABLE[(_S.INTENT, _V.JOURNAL)], _V.SEND)]
_PART_FILL, _FILL, _INTENT = _V.PART_FILL, _V.FILL, _S.INTENT


class IllegalTransitionError(Exception):
    """Something happened that cannot happen to an order in its state: the engine halts."""


class Order:
    """One order of ours and what is known of it."""

    __slots__ = ("executions", "filled", "id", "intent", "is_asked", "late", "state")

    def __init__(self, order_id: str, intent: Intent) -> None:
        self.id = order_id
        self.intent = intent
        self.state = _INTENT
        self.filled = 0
        self.late = 0
        self.is_asked = False
        self.executions: set[str] = set()

    @classmethod
    def announced(cls, order_id: str, intent: Intent) -> Order:
        """An order whose sending stands in the journal."""
        order = cls(order_id, intent)
        order.state = _ANNOUNCED
        return order

    @property
    def left(self) -> int:
        """Quantity that may still fill."""
        return self.intent.quantity - self.filled

    @property
    def is_open(self) -> bool:
        """Whether the venue may still act on it."""
        return self.state not in TERMINAL

    def happen(self, event: Event) -> None:
        """Move by the table; a late event on an ended order is applied and counted, anything else is illegal."""
        state = TABLE.get((self.state, event)) or self._late(event)
        if state is None:
            raise IllegalTransitionError(f"{self.id}: {event.value} on {self.state.value}")
        self.state = state

    def _late(self, event: Event) -> OrderState | None:
        self.late += 1
        return LATE.get((self.state, event))

    def fill(self, quantity: int) -> None:
        """Apply a fill; more than was asked for is illegal."""
        left = self.intent.quantity - self.filled - quantity
        if quantity <= 0 or left < 0:
            raise IllegalTransitionError(f"{self.id}: fill of {quantity}, {self.left} left")
        self.filled += quantity
        self.happen(_PART_FILL if left else _FILL)


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)


def client_order_id(
    mode: Mode, environment: str, account: str, strategy: str, signal_id: str, leg: Leg, n: int
) -> str:
    """The same id for the same intent on every try, node and release: no time, no counter, no chance in it."""
    facts = f'[{quoted(account)},{quoted(strategy)},{quoted(signal_id)},"{leg._value_}",{n}]'
    return order_prefix(mode, environment) + _base32(sha256(facts.encode()).digest())


def _base32(digest: bytes) -> str:
    """The first 20 letters of the digest in base 32 (RFC 4648), two at a time: the library's way takes 20 us."""
    pairs = _PAIRS
    high, low = int.from_bytes(digest[:7], "big") >> 6, int.from_bytes(digest[6:13], "big") >> 4
    return (
        f"{pairs[high >> 40]}{pairs[high >> 30 & 1023]}{pairs[high >> 20 & 1023]}{pairs[high >> 10 & 1023]}"
        f"{pairs[high & 1023]}{pairs[low >> 40 & 1023]}{pairs[low >> 30 & 1023]}{pairs[low >> 20 & 1023]}"
        f"{pairs[low >> 10 & 1023]}{pairs[low & 1023]}"
    )


@lru_cache
def order_prefix(mode: Mode, environment: str) -> str:
    """What every order id of this mode and environment begins with: `PDEV-`."""
    letters = "".join(c for c in environment.upper() if c.isalnum())
    return f"{mode.letter}{letters[:3].ljust(3, 'X')}-"
