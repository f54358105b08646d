"""Which accounts a change of flags opens or closes: named ones exactly, all others by their buckets.

Compares two snapshots as an engine would decide on them; knows nothing of Git or of money.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.flags.bucketing import BUCKETS
from engine.flags.compile import FlagRule, Snapshot
from engine.flags.decide import decide
from engine.flags.decision import VenueKind


class Blast(NamedTuple):
    """What happens to one flag.

    opened, closed: of the accounts asked about.  share_before, share_after: buckets of 100,000 let in by percentage.
    lost: buckets let in before and not after; with another salt nearly the whole cohort.
    """

    flag: str
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    share_before: int
    share_after: int
    lost: int
    is_reshuffled: bool

    @property
    def is_nothing(self) -> bool:
        """Whether nobody notices."""
        return not (self.opened or self.closed or self.is_reshuffled or self.share_before != self.share_after)


def blast_radius(
    before: Snapshot, after: Snapshot, accounts: Sequence[str], venue_kind: VenueKind
) -> tuple[Blast, ...]:
    """Every flag that changes anything for anybody."""
    named = sorted({*accounts, *_named(before), *_named(after)})
    found = (_one(before, after, flag, named, venue_kind) for flag in sorted({*before.flags, *after.flags}))
    return tuple(blast for blast in found if not blast.is_nothing)


def _one(before: Snapshot, after: Snapshot, flag: str, accounts: Sequence[str], kind: VenueKind) -> Blast:
    opened, closed = [], []
    for account in accounts:
        was, now = (
            decide(snapshot, flag, account, kills=(), venue_kind=kind, lease_ok=True).value
            for snapshot in (before, after)
        )
        if now and not was:
            opened.append(account)
        if was and not now:
            closed.append(account)
    old, new = before.flags.get(flag), after.flags.get(flag)
    share_before, share_after = _share(before, flag, old, kind), _share(after, flag, new, kind)
    is_reshuffled = _is_reshuffled(old, new, share_before, share_after)
    lost = share_before if is_reshuffled else max(0, share_before - share_after)
    return Blast(flag, tuple(opened), tuple(closed), share_before, share_after, lost, is_reshuffled)


def _named(snapshot: Snapshot) -> set[str]:
    return {account for rule in snapshot.flags.values() for account in rule.accounts}


def _share(snapshot: Snapshot, flag: str, rule: FlagRule | None, kind: VenueKind) -> int:
    """Buckets for which the flag is on: none or all where something else decides for everybody."""
    if rule is None:
        return 0
    stranger = "\N{ZERO WIDTH NO-BREAK SPACE}nobody"
    answer = decide(snapshot, flag, stranger, kills=(), venue_kind=kind, lease_ok=True)
    if answer.bucket is None or rule.safe:
        return BUCKETS if answer.value else 0
    return rule.milli_percent


def _is_reshuffled(old: FlagRule | None, new: FlagRule | None, before: int, after: int) -> bool:
    if (
        old is None
        or new is None
        or (old.salt, old.bucketing, old.unit) == (new.salt, new.bucketing, new.unit)
    ):
        return False
    return 0 < before < BUCKETS or 0 < after < BUCKETS
