"""Credentials of a broker are referenced in tier dev.

The paper venue needs none; what a laptop can reach, whoever takes the laptop can reach.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN004",
    slug="live_credentials_in_dev",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=("dev",),
    title="broker credentials in dev",
    fix="set `scope: none`, `key: null` and `secret: null` in tier dev",
    reads=("venue.credentials",),
    source="seed 002 (Secrets Management: broker keys belong to the servers), seed 004 #8",
)
VALID = (Sample(says="no credentials", tier="dev"),)
INVALID = (
    Sample(says="live scope", tier="dev", edits={"venue.credentials.scope": "live"}),
    Sample(says="a reference to a key", tier="dev", edits={"venue.credentials.key": "file:broker-key"}),
)


def judge(state: State) -> Iterator[Hit]:
    credentials = state.environment.venue.credentials
    if credentials.scope != "none":
        yield Hit(
            ("venue", "credentials", "scope"), f"credentials of scope `{credentials.scope}` in tier `dev`"
        )
    for part, reference in (("key", credentials.key), ("secret", credentials.secret)):
        if reference is not None:
            yield Hit(
                ("venue", "credentials", part), f"tier `dev` refers to a broker's {part}, `{reference}`"
            )
