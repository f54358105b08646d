"""A channel that alerts use has no address."""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ALR009",
    slug="route_without_address",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=(
        "staging",
        "production",
    ),
    title="route without address",
    fix="fill in the address in `infrastructure.routes`, or take the channel out",
    reads=("alerting", "infrastructure.routes"),
    source="paper 02 5 (an alarm for every alert with a confirmed route), seed 002 (Alert Channels)",
)
VALID = (Sample(says="addressed"),)
INVALID = (Sample(says="no channel of Slack", edits={"infrastructure.routes.slack_channel": None}),)


_ADDRESSES = {"email": ("email",), "slack": ("slack_workspace", "slack_channel")}


def judge(state: State) -> Iterator[Hit]:
    alerting, routes = state.environment.alerting, state.environment.infrastructure.routes
    for channel, keys in _ADDRESSES.items():
        users = [level for level in ("critical", "warning") if channel in getattr(alerting, level)]
        for key in keys:
            if users and getattr(routes, key) is None:
                used = (Also(("alerting", users[0]), "used here"),)
                message = f"channel `{channel}` is used and `{key}` is null"
                yield Hit(("infrastructure", "routes", key), message, related=used)
