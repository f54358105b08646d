"""Credentials are wider than the venue needs, or half of them is missing.

Live credentials beside a sandbox turn a wrong host name into real orders.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN013",
    slug="credentials_do_not_fit_venue",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="credentials do not fit the venue",
    fix="scope none for the paper venue, sandbox for a sandbox, live for a live venue; key and secret both or neither",
    reads=("venue.name", "venue.credentials", "catalogue.venues.venues.*.kind"),
    source="seed 002 (a separate paper account for staging), least privilege",
)
VALID = (Sample(says="none for paper"),)
INVALID = (
    Sample(says="live beside paper", edits={"venue.credentials.scope": "live"}),
    Sample(says="a key without scope", edits={"venue.credentials.key": "aws-sm:broker/key"}),
)


_NEEDS = {"paper": "none", "sandbox": "sandbox", "live": "live"}


def judge(state: State) -> Iterator[Hit]:
    credentials, venue = state.environment.venue.credentials, state.venue
    if venue is not None and credentials.scope != _NEEDS[venue.kind]:
        needed = _NEEDS[venue.kind]
        message = f"scope `{credentials.scope}` beside a venue of kind {venue.kind}, which needs `{needed}`"
        yield Hit(("venue", "credentials", "scope"), message, related=(Also(("venue", "name"), "the venue"),))
    has = [part for part in ("key", "secret") if getattr(credentials, part) is not None]
    wanted = 0 if credentials.scope == "none" else 2
    if len(has) != wanted:
        part = has[0] if has else "key"
        message = f"scope `{credentials.scope}` takes {wanted} references (key, secret), {len(has)} given"
        yield Hit(("venue", "credentials", part), message)
