"""Production can move real money before phase 3.

Phases 1 and 2 prove the simulation and the switch; live trading is the third step, not a line in a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN006",
    slug="production_live_before_phase_3",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=("production",),
    title="production live before phase 3",
    fix="reach phase 3 by the ladder in rollouts.yaml first",
    reads=(
        "phase",
        "flags.*.enabled",
        "venue",
        "catalogue.flags.flags.*.risk",
        "catalogue.flags.flags.*.safe",
        "catalogue.venues.venues.*.kind",
    ),
    source="seed 000 2.1 to 2.3 (live trading opens in phase 3)",
)
VALID = (
    Sample(says="phase 1 on paper"),
    Sample(says="live in phase 3", edits={"phase": 3, "flags.live_trading_enabled.enabled": True}),
)
INVALID = (
    Sample(says="live in phase 1", edits={"flags.live_trading_enabled.enabled": True}),
    Sample(says="the live venue in phase 2", edits={"phase": 2, "venue.name": "broker-live"}),
)


_FIRST_LIVE_PHASE = 3


def judge(state: State) -> Iterator[Hit]:
    phase = state.environment.phase
    if phase >= _FIRST_LIVE_PHASE:
        return
    for path in state.live_reasons():
        yield Hit(
            path,
            f"production may move real money from phase {_FIRST_LIVE_PHASE} on, this is phase {phase}",
            related=(Also(("phase",), "the phase"),),
        )
