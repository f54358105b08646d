"""A flag lets an account in that this environment does not trade.

A foreign account in a list is a typing error at best, and an opened door in the other environment at worst.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG008",
    slug="account_of_another_environment",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="account of another environment",
    fix="list only the account of this environment",
    reads=("flags.*.accounts", "account.id"),
    source="seed 000 2.3 (whitelist), paper 04 (an account has one writer)",
)
VALID = (Sample(says="its own account"),)
INVALID = (Sample(says="a stranger", edits={"flags.paper_trading_enabled.accounts": ("ACCT-STRANGER",)}),)


def judge(state: State) -> Iterator[Hit]:
    own = state.environment.account.id
    for key, flag in state.environment.flags.items():
        for account in flag.accounts:
            if account != own:
                mine = (Also(("account", "id"), "the account traded here"),)
                message = f"`{key}` lets in `{account}`, which `{state.name}` does not trade"
                yield Hit(("flags", key, "accounts"), message, related=mine)
