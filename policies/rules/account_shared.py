"""Two environments trade the same account.

Two engines that write for one account undo each other's positions and limits.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Fleet, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG009",
    slug="account_shared",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="account shared between environments",
    fix="give each environment an account of its own",
    reads=("account.id",),
    source="paper 00 8 (a trading account has one writer), seed 002 (separate broker account for staging)",
)
VALID = (Sample(says="one each", others={"staging": {}}),)
INVALID = (Sample(says="one for two", others={"staging": {"account.id": "ACCT-PRODUCTION"}}),)


def judge(fleet: Fleet) -> Iterator[Hit]:
    seen: dict[object, str] = {}
    for name, account in fleet.each(("account", "id")):
        if account in seen:
            other = (Also(("account", "id"), f"also in {seen[account]}", seen[account]),)
            message = f"`{name}` and `{seen[account]}` trade the same account `{account}`"
            yield Hit(("account", "id"), message, environment=name, related=other)
        seen.setdefault(account, name)
