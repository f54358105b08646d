"""Why a flag has its value for one account: every rule of the precedence in order, and which one decided.

Says what `decide` does and never decides anything itself: the last step is its answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from engine.flags.bucketing import BUCKETS
from engine.flags.compile import FlagRule, Snapshot
from engine.flags.decide import decide
from engine.flags.decision import Decision, Reason, VenueKind


class Step(NamedTuple):
    """One rule of the precedence: its reason word, what it saw, and whether it decided."""

    reason: Reason
    saw: str
    decided: bool


def explain(
    snapshot: Snapshot,
    flag: str,
    account: str | None,
    *,
    kills: Collection[str] = (),
    venue_kind: VenueKind | None = "paper",
) -> tuple[Decision, tuple[Step, ...]]:
    """The decision with a fresh lease and a trusted head, and the steps down to the rule that made it."""
    decision = decide(snapshot, flag, account, kills=kills, venue_kind=venue_kind, lease_ok=True)
    steps = []
    for reason, saw in _seen(snapshot, flag, account, decision, kills, venue_kind):
        steps.append(Step(reason, saw, reason is decision.reason))
        if reason is decision.reason:
            break
    return decision, tuple(steps)


def _seen(
    snapshot: Snapshot,
    flag: str,
    account: str | None,
    decision: Decision,
    kills: Collection[str],
    venue_kind: VenueKind | None,
) -> Iterator[tuple[Reason, str]]:
    rule = snapshot.flags.get(flag)
    if rule is None:
        yield Reason.FLAG_NOT_FOUND, f"no flag `{flag}` in the snapshot of {snapshot.commit[:12]}"
        return
    halted = "trading_halted in Git" if snapshot.trading_halted else ""
    yield Reason.KILLED, halted or f"kills: {', '.join(sorted(kills)) or 'none'}"
    yield Reason.CEILING, f"ceiling {rule.ceiling}, wired venue {venue_kind or 'unknown'}"
    yield Reason.DISABLED, "enabled" if rule.enabled else "enabled: false"
    yield Reason.PREREQUISITE, _needs(snapshot, rule, account, kills, venue_kind)
    yield Reason.TARGETING_KEY_MISSING, f"account {account!r}"
    yield Reason.TARGETING_MATCH, f"{len(rule.accounts)} accounts by name"
    place = "" if decision.bucket is None else f"bucket {decision.bucket} of {BUCKETS}, "
    yield Reason.SPLIT, f"{place}below {rule.milli_percent} is let in"
    yield Reason.DEFAULT, f"safe value {str(rule.safe).lower()}"


def _needs(
    snapshot: Snapshot,
    rule: FlagRule,
    account: str | None,
    kills: Collection[str],
    venue_kind: VenueKind | None,
) -> str:
    """The prerequisites with their own answers."""
    told = []
    for needed in rule.prerequisites:
        answer = decide(snapshot, needed, account, kills=kills, venue_kind=venue_kind, lease_ok=True)
        told.append(f"{needed} {str(answer.value).lower()} ({answer.reason.value})")
    return "; ".join(told) or "none"
