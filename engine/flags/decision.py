"""What a flag decision says: a value, the rule that made it so, and what Git said it."""

from __future__ import annotations

from enum import Enum
from typing import Literal, NamedTuple

VenueKind = Literal["paper", "sandbox", "live"]


class Reason(str, Enum):
    """Why a flag has its value, in the order of precedence."""

    FAIL_SAFE = "FAIL_SAFE"  # no snapshot, or the store names one that is not ours
    FLAG_NOT_FOUND = "FLAG_NOT_FOUND"
    KILLED = "KILLED"
    CEILING = "CEILING"
    DISABLED = "DISABLED"
    STALE_LEASE = "STALE_LEASE"
    PREREQUISITE = "PREREQUISITE"
    TARGETING_KEY_MISSING = "TARGETING_KEY_MISSING"
    TARGETING_MATCH = "TARGETING_MATCH"
    SPLIT = "SPLIT"
    DEFAULT = "DEFAULT"


TOLD_BY_GIT = frozenset({Reason.TARGETING_MATCH, Reason.SPLIT, Reason.DEFAULT})


class Decision(NamedTuple):
    """The value of a flag and what made it so; an order's journal row carries all of it."""

    value: bool
    reason: Reason
    flag: str
    bucket: int | None
    digest: str
    commit: str
