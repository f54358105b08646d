"""What every venue can do: six calls and a stream of events; `submit` takes an `Approved` and nothing else.

Never raises for a refusal or a doubt: both are answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from engine.gate import Approved
from engine.market.bars import Bar
from engine.orders import OrderState


class Answered(str, Enum):
    """What the venue said to a request; UNKNOWN covers time-outs, 5xx, and whatever cannot be read."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"


class Answer(NamedTuple):
    """An answer and its reason."""

    kind: Answered
    reason: str = ""


ACCEPTED = Answer(Answered.ACCEPTED)


class Fill(NamedTuple):
    """Part or all of an order met the market.

    `slippage`: ticks against us, inside `price`.  `alternative`: for an ambiguous bar the other exit's price, else 0.
    """

    order_id: str
    execution_id: str
    quantity: int
    price: int
    at: int
    slippage: int = 0
    alternative: int = 0


class Ended(NamedTuple):
    """An order left the venue without (further) fills."""

    order_id: str
    state: OrderState
    reason: str
    at: int


class VenueOrder(NamedTuple):
    """An order as the venue knows it."""

    order_id: str
    symbol: str
    side: int
    quantity: int
    filled: int
    state: OrderState


class VenueAccount(NamedTuple):
    """The account as the venue knows it."""

    account_id: str
    cash: int
    fingerprint: str


Happening = Fill | Ended


class Venue(Protocol):
    """A place where orders go."""

    @property
    def is_authoritative(self) -> bool:
        """Whether "not found" is proof: only for a venue inside this process."""

    def account(self) -> VenueAccount:
        """Cash and identity."""

    def positions(self) -> Mapping[str, int]:
        """Signed units by symbol, without zeros."""

    def open_orders(self) -> Sequence[VenueOrder]:
        """Orders that may still fill."""

    def order(self, order_id: str) -> VenueOrder | None:
        """One order by our id, ended ones included."""

    def fills_since(self, at: int) -> Sequence[Fill]:
        """Fills from an instant on, for recovery."""

    def submit(self, order: Approved) -> Answer:
        """Take an order."""

    def cancel(self, order_id: str) -> Answer:
        """Ask for an end; the end itself comes as an event."""

    def take_split(self, symbol: str, units: int) -> None:
        """A recorded split changed the position; a real venue knows by itself."""

    def drain(self) -> Sequence[Happening]:
        """What happened since the last call, outside bars: ends of canceled orders, a real venue's stream."""

    def is_quiet(self, bar: Bar) -> bool:
        """Whether nothing can have happened up to the end of this bar."""

    def at_open(self, bar: Bar) -> Sequence[Happening]:
        """What happened up to and at the bar's open; a real venue ignores the bar and drains its stream."""

    def inside(self, bar: Bar) -> Sequence[Happening]:
        """What happened inside the bar."""
