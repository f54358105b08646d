"""What the gate asks: one flag, one account, now; every answer comes from one captured reference.

Never blocks: the snapshot is in memory, and a silent store only shortens what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from engine.clock import Clock
from engine.flags.decide import VenueKind, decide
from engine.flags.follow import Follower

LEASE_SECONDS = 30.0
STALE_SECONDS = 2.0


class Answer(NamedTuple):
    """A decision with everything an order's journal row must name."""

    value: bool
    reason: str
    flag: str
    bucket: int | None
    snapshot_digest: str
    commit: str
    bundle_digest: str
    generation: int
    is_stale: bool


class LiveFlags:
    """Flags of a running engine: the follower's snapshot, the kill scopes, and how old both confirmations are."""

    def __init__(
        self,
        follower: Follower,
        kills: Callable[[], Collection[str]],
        kills_confirmed_at: Callable[[], float | None],
        clock: Clock,
        *,
        venue_kind: VenueKind,
        strategy: str,
    ) -> None:
        """kills_confirmed_at: monotonic second of the last successful read of the kills; None: never."""
        self._follower = follower
        self._kills = kills
        self._kills_confirmed_at = kills_confirmed_at
        self._clock = clock
        self._venue_kind: VenueKind = venue_kind
        self._strategy = strategy

    def decide(self, flag_key: str, account: str | None) -> Answer:
        """The decision of one flag for one account."""
        standing = self._follower.standing
        age = self._age(standing.confirmed_at)
        adopted = standing.adopted
        decision = decide(
            adopted.snapshot if adopted else None,
            flag_key,
            account,
            kills=self._kills(),
            venue_kind=self._venue_kind,
            lease_ok=age <= LEASE_SECONDS,
            trusted=standing.trusted,
            strategy=self._strategy,
        )
        return Answer(
            decision.value,
            decision.reason.value,
            flag_key,
            decision.bucket,
            decision.digest,
            decision.commit,
            adopted.bundle_digest if adopted else "",
            adopted.generation if adopted else 0,
            age > STALE_SECONDS,
        )

    def _age(self, head_confirmed_at: float | None) -> float:
        """Seconds since head and kills were both known; without either, for ever."""
        kills_confirmed_at = self._kills_confirmed_at()
        if head_confirmed_at is None or kills_confirmed_at is None:
            return float("inf")
        return self._clock.monotonic() - min(head_confirmed_at, kills_confirmed_at)
