"""A flag opens to more accounts than the next rung of any ladder.

Switching on a flag whose percentage was prepared counts from zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from config.models.environment import FlagState
from policies.inputs import Also, Change, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ROL004",
    slug="rung_skipped",
    severity=Severity.ERROR,
    scope=Scope.CHANGE,
    tiers=(
        "staging",
        "production",
    ),
    title="rung skipped",
    fix="open the flag to the next rung of a ladder in rollouts.yaml, and let it soak there",
    reads=("flags.*.enabled", "flags.*.percent", "catalogue.rollouts.ladders.*.steps.*.percent"),
    source="seed 003 (1 account, 10 %, 50 %, 100 %), seed 000 2.4 (25, 50, 75, 100 %), paper 02 5 (steps in order)",
)
_TEN = FlagState(enabled=True, accounts=(), percent=Decimal("10.0"))
_ALL = FlagState(enabled=True, accounts=(), percent=Decimal("100.0"))
VALID = (
    Sample(says="the first rung", edits={"flags.mode_switching_enabled": _TEN}, before={}),
    Sample(says="down at once", edits={"flags.paper_trading_enabled.percent": Decimal("0.0")}, before={}),
)
INVALID = (
    Sample(says="everybody at once", edits={"flags.mode_switching_enabled": _ALL}, before={}),
    Sample(
        says="a prepared percentage switched on",
        edits={"flags.mode_switching_enabled": _ALL},
        before={"flags.mode_switching_enabled.percent": Decimal("100.0")},
    ),
)


def judge(change: Change) -> Iterator[Hit]:
    after = change.after
    if after is None:
        return
    for key in dict.fromkeys(one.path[1] for one in change.below("flags", "*")):
        new = after.environment.flags.get(str(key))
        identity = after.identity(str(key))
        if new is None or identity is None or identity.safe:
            continue
        old = change.before.environment.flags.get(str(key)) if change.before else None
        was, now = _share(old), _share(new)
        allowed = _next_rungs(after, was)
        if now > was and now not in allowed:
            part = ("flags", key, "percent") if old is not None and old.enabled else ("flags", key, "enabled")
            rungs = " or ".join(f"{rung} %" for rung in sorted(allowed)) or "nothing more"
            message = f"`{key}` opens from {was} % to {now} %, the next rung is {rungs}"
            yield Hit(part, message, related=(Also(("flags", key, "percent"), f"was {was} %", base=True),))


def _share(flag: FlagState | None) -> Decimal:
    return flag.percent if flag is not None and flag.enabled else Decimal(0)


def _next_rungs(state: State, share: Decimal) -> set[Decimal]:
    ladders = [one for one in state.catalogue.rollouts.ladders.values() if one.applies_to == "flag"]
    higher = ([step.percent for step in ladder.steps if step.percent > share] for ladder in ladders)
    return {min(rungs) for rungs in higher if rungs}
