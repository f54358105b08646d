"""What becomes of a refused signal: kept for people, counted, told when too many are refused; no room left halts.

Never retries one, and never acknowledges what is not kept.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.intake.dead_letter_files import DeadLettersFailedError, DeadLettersFullError
from engine.intake.dead_letters import DeadLetters
from engine.intake.receiving import Received
from engine.intake.rejection_rate import RejectionRate
from engine.intake.signal_reasons import Rejected
from engine.journal.errors import JournalRefusedError
from engine.signals import Signal


class Refusals:
    """Sits behind an engine's inbox: `refused` on its dead letters, `accepted` on the signals it took.

    commit: what is in force now.  halt: moves the engine to HALTED.  alert: told each time the rate passes its bound.
    """

    def __init__(
        self,
        store: DeadLetters,
        *,
        commit: Callable[[], str],
        halt: Callable[[str], None],
        alert: Callable[[str], None],
        rate: RejectionRate | None = None,
    ) -> None:
        self._store = store
        self._commit = commit
        self._halt = halt
        self._alert = alert
        self._rate = rate or RejectionRate()
        self._is_loud = False

    def accepted(self, signal: Signal) -> None:
        """A signal was taken in."""
        self._count(signal.received_at, rejected=False)

    def refused(self, received: Received, rejected: Rejected) -> bool:
        """Whether the refused signal is durable now; if not, the engine is halted and nothing is acknowledged."""
        self._count(received.received_at, rejected=True)
        try:
            self._store.add(
                received.payload,
                rejected,
                at=received.received_at,
                source=received.source,
                offset=received.offset,
                commit=self._commit(),
            )
        except (DeadLettersFullError, DeadLettersFailedError, JournalRefusedError, OSError) as error:
            self._halt(f"dead letters: {error}")
            return False
        return True

    def _count(self, at: int, *, rejected: bool) -> None:
        self._rate.observe(at, rejected=rejected)
        is_loud = self._rate.alerts(at)
        if is_loud and not self._is_loud:
            self._alert(f"{self._rate.percent(at):.1f} % of the signals of the last 5 minutes were refused")
        self._is_loud = is_loud
