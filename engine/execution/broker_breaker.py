"""The breaker of the venue's connection: three failures in a minute open it, a read and then one order close it.

Never probes with an order (seed 004 scenario 3 did), and never forgets over a restart that it was open.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum

from engine.clock import SECOND
from engine.orders import Intent

FAILURES = 3
WITHIN = 60 * SECOND
REST = 30 * SECOND
MOST_WAITING = 256


class Circuit(str, Enum):
    """Closed lets everything through; half open lets one order through."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


_HALF_OPEN = Circuit.HALF_OPEN


class BrokerBreaker:
    """Counts answers and failures; exits wait here while it is open, first in line when it closes."""

    def __init__(self, time: Callable[[], int], tell: Callable[[Circuit], None]) -> None:
        self.state = Circuit.CLOSED
        self._time = time
        self._tell = tell
        self._failures: deque[int] = deque(maxlen=FAILURES)
        self._opened_at = 0
        self.exits: deque[Intent] = deque()

    @property
    def denies_entries(self) -> bool:
        """Whether entries are denied now."""
        return self.state is Circuit.OPEN

    def note_failure(self) -> None:
        """A request was not answered, or with a server's error."""
        now = self._time()
        self._failures.append(now)
        is_full = len(self._failures) == FAILURES and now - self._failures[0] <= WITHIN
        if self.state is Circuit.HALF_OPEN or (self.state is Circuit.CLOSED and is_full):
            self.open_at(now)

    def note_answer(self) -> None:
        """A request was answered, whatever the answer."""
        if self._failures:
            self._failures.clear()
        if self.state is _HALF_OPEN:
            self._move(Circuit.CLOSED)

    def open_at(self, at: int) -> None:
        """Open, now or as a journal remembers it."""
        self._opened_at = at
        self._move(Circuit.OPEN)

    def is_due(self) -> bool:
        """Whether it has rested long enough to be probed."""
        return self.state is Circuit.OPEN and self._time() - self._opened_at >= REST

    def probe(self, read: Callable[[], object]) -> bool:
        """Ask for something that changes nothing; whether one order may follow."""
        try:
            read()
        except Exception:
            self.open_at(self._time())
            return False
        self._move(Circuit.HALF_OPEN)
        return True

    def hold(self, intents: Sequence[Intent]) -> bool:
        """Keep exits for later; False when the queue is full and somebody must act."""
        if len(self.exits) + len(intents) > MOST_WAITING:
            return False
        self.exits.extend(intents)
        return True

    def release(self) -> list[Intent]:
        """The exits that waited, oldest first."""
        waiting = list(self.exits)
        self.exits.clear()
        return waiting

    def _move(self, state: Circuit) -> None:
        if state is not self.state:
            self.state = state
            self._tell(state)
