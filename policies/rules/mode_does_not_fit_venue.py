"""What is wired and what the venue is do not fit.

Paper mode on a live host is one missing `if` away from real orders; live mode on the paper venue reports trades that
never happened.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN012",
    slug="mode_does_not_fit_venue",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="mode does not fit the venue",
    fix="backtest and paper run on the paper venue or a sandbox; shadow and live need a host",
    reads=("venue.name", "venue.mode", "catalogue.venues.venues.*.kind"),
    source="seed 000 5.1 (no live API calls from paper mode), 7.1 (mode confusion)",
)
VALID = (
    Sample(says="paper mode on the paper venue"),
    Sample(says="backtest on the paper venue", edits={"venue.mode": "backtest"}),
)
INVALID = (
    Sample(says="live mode on the paper venue", edits={"venue.mode": "live"}),
    Sample(says="paper mode on a live host", edits={"venue.name": "broker-live"}),
)


_FITS = {
    "paper": ("backtest", "paper"),
    "sandbox": ("paper", "shadow", "live"),
    "live": ("shadow", "live"),
}


def judge(state: State) -> Iterator[Hit]:
    venue, mode = state.venue, state.environment.venue.mode
    if venue is not None and mode not in _FITS[venue.kind]:
        fitting = " or ".join(_FITS[venue.kind])
        yield Hit(
            ("venue", "mode"),
            f"mode {mode} does not fit a venue of kind {venue.kind}, which takes {fitting}",
            related=(Also(("venue", "name"), "the venue"),),
        )
