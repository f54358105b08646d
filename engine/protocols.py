"""The seams of the engine: who answers for flags, who holds the latch; each has one method or two.

Never implements any of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from config.models.catalogue import Catalogue
from config.models.environment import Environment


class Decision(Protocol):
    """What a flag says for one account, and what Git said it."""

    @property
    def value(self) -> bool:
        """Whether the account is let in."""

    @property
    def reason(self) -> str:
        """One word: TARGETING_MATCH, SPLIT, DISABLED, KILLED, ..."""

    @property
    def flag(self) -> str:
        """The flag key."""

    @property
    def bucket(self) -> int | None:
        """Bucket of the account, 0 to 99999, where one was computed."""

    @property
    def snapshot_digest(self) -> str:
        """Digest of the snapshot that answered."""

    @property
    def commit(self) -> str:
        """Commit the snapshot stands for."""

    @property
    def bundle_digest(self) -> str:
        """Digest of the bundle of that commit."""

    @property
    def generation(self) -> int:
        """Generation under which the snapshot was published."""


class FlagView(Protocol):
    """Answers from one snapshot, captured at the call."""

    def decide(self, flag_key: str, account: str) -> Decision:
        """The decision of one flag for one account."""


class Latch(Protocol):
    """Closed means: nothing that can increase a position leaves; it closes before anything is written."""

    @property
    def closed(self) -> bool:
        """Read as the last instruction before an order reaches the venue."""

    @property
    def epoch(self) -> int:
        """Number of the kill that closed it, 0 before the first."""

    @property
    def cause(self) -> str:
        """Who closed it, in a word or two; empty while open."""


class BundleFacts(Protocol):
    """What the engine needs to know of the bundle it runs under."""

    @property
    def commit(self) -> str:
        """Commit of the bundle."""

    @property
    def digest(self) -> str:
        """Digest of the bundle's payload."""

    @property
    def releases(self) -> Sequence[Mapping[str, Any]]:
        """Merged permissions to leave a kill."""


class Accepted(Protocol):
    """An environment the engine accepted to run."""

    @property
    def bundle(self) -> BundleFacts:
        """Where it came from."""

    @property
    def environment(self) -> Environment:
        """The environment's values."""

    @property
    def catalogue(self) -> Catalogue:
        """What things are."""


class StandingDecision:
    """A decision that never changes: backtests, and the answer when a flag view fails."""

    __slots__ = (
        "bucket",
        "bundle_digest",
        "commit",
        "flag",
        "generation",
        "reason",
        "snapshot_digest",
        "value",
    )

    def __init__(
        self,
        flag: str,
        value: bool,
        reason: str,
        commit: str = "",
        bundle_digest: str = "",
        *,
        bucket: int | None = None,
    ) -> None:
        self.flag = flag
        self.value = value
        self.reason = reason
        self.bucket = bucket
        self.commit = commit
        self.bundle_digest = bundle_digest
        self.snapshot_digest = ""
        self.generation = 0


class OpenLatch:
    """A latch nobody can close: backtests only."""

    closed = False
    epoch = 0
    cause = ""
