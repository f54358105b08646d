"""Staging can move real money.

Staging proves a change on real market data with simulated orders; a sandbox is the most it may reach.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN005",
    slug="staging_above_sandbox",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=("staging",),
    title="staging above its sandbox ceiling",
    fix="wire a sandbox or the paper venue, with credentials of scope sandbox or none",
    reads=(
        "venue.name",
        "venue.mode",
        "venue.credentials.scope",
        "flags.*.enabled",
        "catalogue.venues.venues.*.kind",
        "catalogue.flags.flags",
    ),
    source="seed 002 (Staging: PAPER_TRADING=true, critical), seed 001 (staging.yml live_trading false), paper 03 4.2",
)
VALID = (
    Sample(says="paper", tier="staging"),
    Sample(
        says="live mode on a sandbox",
        tier="staging",
        edits={"venue.name": "broker-sandbox", "venue.mode": "live", "venue.credentials.scope": "sandbox"},
    ),
)
INVALID = (
    Sample(says="the live venue", tier="staging", edits={"venue.name": "broker-live"}),
    Sample(says="live credentials", tier="staging", edits={"venue.credentials.scope": "live"}),
    Sample(says="live mode without a sandbox", tier="staging", edits={"venue.mode": "live"}),
)


def judge(state: State) -> Iterator[Hit]:
    wiring, kind = state.environment.venue, state.venue.kind if state.venue else "unknown"
    if kind == "live":
        yield Hit(
            ("venue", "name"), f"`{wiring.name}` moves real money; tier `staging` may reach a sandbox at most"
        )
    if wiring.credentials.scope == "live":
        yield Hit(
            ("venue", "credentials", "scope"),
            "live credentials in tier `staging`, whose ceiling is the sandbox",
        )
    if wiring.mode == "live" and kind != "sandbox":
        yield Hit(
            ("venue", "mode"), f"mode live in tier `staging` needs a sandbox, the wired venue is {kind}"
        )
    for key in state.live_flags():
        if state.environment.flags[key].enabled and kind not in ("sandbox", "paper"):
            yield Hit(
                ("flags", key, "enabled"), f"`{key}` is on in tier `staging` and the wired venue is {kind}"
            )
