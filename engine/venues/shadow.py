"""Shadow: the whole way to the venue and no farther; what would have been sent is journaled and simulated.

Never opens a socket: behind the closed latch stands the paper model, and nothing else is wired.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.exits import STRICT, FillModel
from engine.gate import Approved
from engine.instruments import Instrument
from engine.venues.paper import PaperVenue
from engine.venues.protocol import Answer


class ShadowVenue(PaperVenue):
    """A paper venue that says of every order that it would have been sent."""

    def __init__(
        self,
        account_id: str,
        instruments: Mapping[str, Instrument],
        cash: int,
        model: FillModel = STRICT,
    ) -> None:
        super().__init__(account_id, instruments, cash, model)
        self.would_send: Callable[[Approved], None] = lambda order: None

    def submit(self, order: Approved) -> Answer:
        """Tell, then simulate."""
        self.would_send(order)
        return super().submit(order)
