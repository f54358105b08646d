"""Live trading is switched on in tier dev.

An engineer's machine has no supervision, no alarm and no second reader; real money never moves from it.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN001",
    slug="live_trading_in_dev",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=("dev",),
    title="live trading in dev",
    fix="leave live flags off and `venue.mode` below live in tier dev",
    reads=("flags.*.enabled", "venue.mode", "catalogue.flags.flags.*.risk", "catalogue.flags.flags.*.safe"),
    source="seed 000 1.1 (`live_trading: disabled` in development), seed 001 (development.yml)",
)
VALID = (
    Sample(says="paper trading only", tier="dev"),
    Sample(
        says="the same switch in production",
        tier="production",
        edits={"flags.live_trading_enabled.enabled": True},
    ),
)
INVALID = (
    Sample(says="the flag is on", tier="dev", edits={"flags.live_trading_enabled.enabled": True}),
    Sample(says="live is wired", tier="dev", edits={"venue.mode": "live"}),
)


def judge(state: State) -> Iterator[Hit]:
    for key in state.live_flags():
        if state.environment.flags[key].enabled:
            yield Hit(("flags", key, "enabled"), f"`{key}` is on in tier `dev`, where no real money may move")
    if state.environment.venue.mode == "live":
        yield Hit(("venue", "mode"), "`venue.mode` is live in tier `dev`, where no real money may move")
