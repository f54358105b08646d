"""The same decisions prepared: one row per flag for the usual case of no kill, a fresh lease and a trusted head.

Never a second opinion: a property test holds every row equal to the plain evaluation in `decide.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.flags.bucketing import bucketer, is_unit
from engine.flags.compile import FlagRule, Snapshot
from engine.flags.decision import TOLD_BY_GIT, Decision, Reason, VenueKind

Situation = Callable[[Snapshot, str, FlagRule, VenueKind | None], Reason | None]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One flag of one snapshot.  fixed: the answer to everybody, where there is one."""

    flag: str
    fixed: Decision | None
    needs: tuple[Row, ...]
    unmet: Decision
    nobody: Decision
    accounts: frozenset[str]
    bucket: Callable[[str], int]
    below: int
    safe: bool
    holds: bool

    def ask(self, account: str | None) -> Decision:
        """The decision for one account."""
        if self.fixed is not None:
            return self.fixed
        for needed in self.needs:
            if not needed.is_on(account):
                return self.unmet
        if account is None or not is_unit(account):
            return self.nobody
        place = self.bucket(account)
        if account in self.accounts:
            return Decision(
                True, Reason.TARGETING_MATCH, self.flag, place, self.nobody.digest, self.nobody.commit
            )
        if place < self.below:
            return Decision(True, Reason.SPLIT, self.flag, place, self.nobody.digest, self.nobody.commit)
        return Decision(self.safe, Reason.DEFAULT, self.flag, place, self.nobody.digest, self.nobody.commit)

    def is_on(self, account: str | None) -> bool:
        """Whether the flag is on by Git's own word, so that a flag that needs it may open."""
        decision = self.ask(account)
        return decision.value and decision.reason in TOLD_BY_GIT and self.holds


def row_of(snapshot: Snapshot, flag: str, venue_kind: VenueKind | None, situation: Situation) -> Row | None:
    """The row of a flag, or None when the snapshot has no such flag."""
    return _row(snapshot, flag, venue_kind, situation, ())


def _row(
    snapshot: Snapshot, flag: str, venue_kind: VenueKind | None, situation: Situation, trail: tuple[str, ...]
) -> Row | None:
    rule = snapshot.flags.get(flag)
    if rule is None or flag in trail:
        return None
    reason = situation(snapshot, flag, rule, venue_kind)
    needs = [_row(snapshot, needed, venue_kind, situation, (*trail, flag)) for needed in rule.prerequisites]
    met = tuple(row for row in needs if row is not None)
    if reason is None and len(met) < len(needs):
        reason = Reason.PREREQUISITE

    def fixed(why: Reason) -> Decision:
        value = False if why is Reason.DISABLED else rule.safe
        return Decision(value, why, flag, None, snapshot.digest, snapshot.commit)

    return Row(
        flag=flag,
        fixed=fixed(reason) if reason else None,
        needs=met,
        unmet=fixed(Reason.PREREQUISITE),
        nobody=fixed(Reason.TARGETING_KEY_MISSING),
        accounts=frozenset(rule.accounts),
        bucket=bucketer(rule.salt),
        below=rule.milli_percent,
        safe=rule.safe,
        holds=rule.holds,
    )
