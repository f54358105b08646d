"""What becomes of a refused signal: kept for people, counted, told when too many are refused; no room left halts.

Never retries one, and never acknowledges what is not kept.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.clock import stamp
from engine.intake.dead_letter_files import DeadLettersFailedError, DeadLettersFullError
from engine.intake.dead_letters import DeadLetters
from engine.intake.receiving import Received
from engine.intake.rejection_rate import RejectionRate
from engine.intake.signal_reasons import Rejected
from engine.signals import Signal


class Refusals:
    """Sits behind an engine's inbox: `refused` on its dead letters, `accepted` on the signals it took.

    halt: moves the engine to HALTED.  alert: told once each time the rate of refusals passes its bound.
    """

    def __init__(
        self,
        store: DeadLetters,
        *,
        source: str,
        commit: str,
        halt: Callable[[str], None],
        alert: Callable[[str], None],
        rate: RejectionRate | None = None,
    ) -> None:
        self._store = store
        self._source = source
        self._halt = halt
        self._alert = alert
        self._rate = rate or RejectionRate()
        self._is_loud = False
        self.commit = commit

    def accepted(self, signal: Signal) -> None:
        """A signal was taken in."""
        self._count(signal.received_at, rejected=False)

    def refused(self, received: Received, rejected: Rejected) -> None:
        """A signal was refused: durable when this returns, or the engine is halted."""
        self._count(received.received_at, rejected=True)
        try:
            self._store.add(
                received.payload,
                rejected,
                at=received.received_at,
                source=self._source,
                offset=stamp(received.received_at),
                commit=self.commit,
            )
        except (DeadLettersFullError, DeadLettersFailedError) as error:
            self._halt(str(error))

    def _count(self, at: int, *, rejected: bool) -> None:
        self._rate.observe(at, rejected=rejected)
        is_loud = self._rate.alerts(at)
        if is_loud and not self._is_loud:
            self._alert(f"{self._rate.percent(at):.1f} % of the signals of the last 5 minutes were refused")
        self._is_loud = is_loud
