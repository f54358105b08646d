"""A flag lets somebody in above its ceiling for this tier.

The ceiling is what an order of any size in any configuration may not pass; the engine enforces it again.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG004",
    slug="flag_above_ceiling",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="flag above its ceiling",
    fix="lower the flag; a ceiling is raised in flags.yaml, with its own review",
    reads=("flags", "venue.name", "catalogue.flags.flags.*.ceiling", "catalogue.venues.venues.*.kind"),
    source="paper 03 4.2 (ceiling), 00 1.1",
)
VALID = (
    Sample(says="below every ceiling", tier="dev"),
    Sample(
        says="sandbox ceiling on the paper venue",
        tier="staging",
        edits={"flags.live_trading_enabled.enabled": True},
    ),
)
INVALID = (
    Sample(says="live in dev", tier="dev", edits={"flags.live_trading_enabled.enabled": True}),
    Sample(
        says="an account prepared in dev",
        tier="dev",
        edits={"flags.live_trading_enabled.accounts": ("ACCT-1",)},
    ),
    Sample(
        says="live host in staging",
        tier="staging",
        edits={"flags.live_trading_enabled.enabled": True, "venue.name": "broker-live"},
    ),
)


def judge(state: State) -> Iterator[Hit]:
    kind = state.venue.kind if state.venue else "unknown"
    for key, flag in state.environment.flags.items():
        identity = state.identity(key)
        if identity is None or not (flag.enabled or flag.accounts or flag.percent):
            continue
        ceiling = getattr(identity.ceiling, state.tier)
        if ceiling == "on" or (ceiling == "sandbox" and kind in ("paper", "sandbox")):
            continue
        part = "enabled" if flag.enabled else "accounts" if flag.accounts else "percent"
        cause = "" if ceiling == "off" else f" and the wired venue is {kind}"
        yield Hit(
            ("flags", key, part),
            f"the ceiling of `{key}` in tier `{state.tier}` is {ceiling}{cause}",
            related=(Also(("catalogue", "flags", "flags", key, "ceiling", state.tier), "the ceiling"),),
        )
