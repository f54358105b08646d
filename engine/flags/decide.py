"""One flag for one account: the first rule of a total order that matches decides, and below it nothing may reopen.

Removing information never opens a flag, and adding a kill never opens anything (both are property-tested).
Never reads a store or a clock, and takes no default from its caller: the safe value belongs to the flag.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from engine.flags import keys
from engine.flags.bucketing import bucket, is_unit
from engine.flags.compile import FlagRule, Snapshot
from engine.flags.decision import TOLD_BY_GIT, Decision, Reason, VenueKind
from engine.flags.table import Row, row_of

__all__ = ["Decision", "Reason", "VenueKind", "decide"]

_MEMO_SIZE = 500_000
_LEASED = ("live_money", "mode")


@dataclass(frozen=True, slots=True)
class _Question:
    account: str | None
    kills: Collection[str]
    venue_kind: VenueKind | None
    lease_ok: bool
    trusted: bool
    strategy: str | None


def decide(
    snapshot: Snapshot | None,
    flag: str,
    account: str | None,
    *,
    kills: Collection[str],
    venue_kind: VenueKind | None,
    lease_ok: bool,
    trusted: bool = True,
    strategy: str | None = None,
) -> Decision:
    """The value of `flag` for `account`.

    kills: active kill scopes (`global`, `flag:K`, `account:A`, `strategy:S`; any other word counts as global).
    lease_ok: head and kill state were confirmed within the lease.  trusted: the store names no foreign head.
    """
    if snapshot is None or kills or not lease_ok or not trusted:
        return _decide(snapshot, flag, _Question(account, kills, venue_kind, lease_ok, trusted, strategy), ())
    memo = snapshot.memo
    known: Decision | None = memo.get((flag, account, venue_kind))
    if known is not None:
        return known
    row: Row | None = memo.get((flag, venue_kind)) or _remembered_row(snapshot, flag, venue_kind)
    decision = _unknown(snapshot, flag) if row is None else row.ask(account)
    if len(memo) < _MEMO_SIZE:
        memo[(flag, account, venue_kind)] = decision
    return decision


def _remembered_row(snapshot: Snapshot, flag: str, venue_kind: VenueKind | None) -> Row | None:
    row = row_of(snapshot, flag, venue_kind, _situation)
    if row is not None:
        snapshot.memo[(flag, venue_kind)] = row
    return row


def _situation(snapshot: Snapshot, flag: str, rule: FlagRule, venue_kind: VenueKind | None) -> Reason | None:
    """Why nobody is let in although nothing is wrong with the store, the kills or the lease."""
    return _closed(snapshot, flag, rule, _Question(None, (), venue_kind, True, True, None))


def _decide(snapshot: Snapshot | None, flag: str, asked: _Question, trail: tuple[str, ...]) -> Decision:
    if snapshot is None:
        return Decision(keys.SAFE.get(flag, False), Reason.FAIL_SAFE, flag, None, "", "")
    rule = snapshot.flags.get(flag)
    if rule is None:
        return _unknown(snapshot, flag)
    reason = _stopped(snapshot, flag, rule, asked, trail)
    if reason is not None:
        value = False if reason is Reason.DISABLED else rule.safe
        return Decision(value, reason, flag, None, snapshot.digest, snapshot.commit)
    return _target(snapshot, flag, rule, asked.account)


def _unknown(snapshot: Snapshot, flag: str) -> Decision:
    value = keys.SAFE.get(flag, False)
    return Decision(value, Reason.FLAG_NOT_FOUND, flag, None, snapshot.digest, snapshot.commit)


def _stopped(
    snapshot: Snapshot, flag: str, rule: FlagRule, asked: _Question, trail: tuple[str, ...]
) -> Reason | None:
    """The first reason for which nobody is let in, before anybody is asked who it is."""
    reason = _closed(snapshot, flag, rule, asked)
    if reason is None and not all(
        _holds(snapshot, needed, asked, (*trail, flag)) for needed in rule.prerequisites
    ):
        return Reason.PREREQUISITE
    return reason


def _closed(snapshot: Snapshot, flag: str, rule: FlagRule, asked: _Question) -> Reason | None:
    """The first reason that lies in the situation or the flag itself."""
    leased = rule.risk in _LEASED
    if leased and not asked.trusted:
        return Reason.FAIL_SAFE
    if snapshot.trading_halted or _killed(flag, asked):
        return Reason.KILLED
    if rule.ceiling == "off" or (rule.ceiling == "sandbox" and asked.venue_kind not in ("paper", "sandbox")):
        return Reason.CEILING
    if not rule.enabled:
        return Reason.DISABLED
    if leased and not asked.lease_ok:
        return Reason.STALE_LEASE
    return None


def _killed(flag: str, asked: _Question) -> bool:
    return any(_hits(scope, flag, asked) for scope in asked.kills)


def _hits(scope: str, flag: str, asked: _Question) -> bool:
    """Whether a kill of `scope` stops this question; what we were not told counts as hit."""
    kind, _, name = scope.partition(":")
    match kind:
        case "flag" if name:
            return name == flag
        case "account" if name:
            return asked.account in (None, name)
        case "strategy" if name:
            return asked.strategy in (None, name)
        case _:
            return True


def _holds(snapshot: Snapshot, needed: str, asked: _Question, trail: tuple[str, ...]) -> bool:
    """Whether a prerequisite is on by Git's own word: a safe value that was forced never opens another flag."""
    if needed in trail or needed not in snapshot.flags:
        return False
    decision = _decide(snapshot, needed, asked, trail)
    return decision.value and decision.reason in TOLD_BY_GIT and snapshot.flags[needed].holds


def _target(snapshot: Snapshot, flag: str, rule: FlagRule, account: str | None) -> Decision:
    """Who is let in: a listed account, or one whose bucket lies below the percentage."""
    if account is None or not is_unit(account):
        return Decision(rule.safe, Reason.TARGETING_KEY_MISSING, flag, None, snapshot.digest, snapshot.commit)
    place = bucket(rule.salt, account)
    if account in rule.accounts:
        value, reason = True, Reason.TARGETING_MATCH
    elif place < rule.milli_percent:
        value, reason = True, Reason.SPLIT
    else:
        value, reason = rule.safe, Reason.DEFAULT
    return Decision(value, reason, flag, place, snapshot.digest, snapshot.commit)
