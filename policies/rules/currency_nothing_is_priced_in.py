"""The account's currency is that of no instrument, so every limit in it compares nothing.

Limits are stated in the account's currency and orders are valued in the instrument's.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="LIM006",
    slug="currency_nothing_is_priced_in",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="account currency fits no instrument",
    fix="use the currency of the instruments that are traded",
    reads=("account.currency", "catalogue.instruments.instruments.*.currency"),
    source="paper 04 8.10 (money), paper 00 8",
)
VALID = (Sample(says="dollars for dollars"),)
INVALID = (Sample(says="a misspelt currency", edits={"account.currency": "USE"}),)


def judge(state: State) -> Iterator[Hit]:
    currency = state.environment.account.currency
    if all(one.currency != currency for one in state.catalogue.instruments.instruments.values()):
        yield Hit(("account", "currency"), f"no instrument is priced in `{currency}`")
