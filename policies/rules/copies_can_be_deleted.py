"""Backups would lie in a vault without a lock, or in none.

Whoever takes the account over deletes the backups first.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Hit, Resources
from policies.planned import DATABASE, LOCK, VAULT, must_be, name, of, plan, says, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF119",
    slug="copies_can_be_deleted",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="vault without a lock",
    fix="lock the vault and keep copies as long as the tier asks",
    reads=(
        "resources.aws:backup/vaultLockConfiguration:VaultLockConfiguration.minRetentionDays",
        "resources.aws:backup/vault:Vault",
        "resources.aws:rds/instance:Instance",
    ),
    source="paper 05 6 Backup",
)
WHOLE_GRAPH = True
VALID = (
    Sample(
        says="a database with copies of its own",
        resources=(
            plan(DATABASE, {"deleteAutomatedBackups": False}),
            plan(VAULT, {"forceDestroy": False}),
            plan(LOCK, {"minRetentionDays": 400}),
        ),
    ),
    Sample(
        says="locked",
        resources=(
            plan(VAULT, {}),
            plan(LOCK, {"minRetentionDays": 35}),
        ),
    ),
)
INVALID = (
    Sample(
        says="backups that die with the server",
        resources=(
            plan(DATABASE, {"deleteAutomatedBackups": True}),
            plan(VAULT, {}),
            plan(LOCK, {"minRetentionDays": 35}),
        ),
    ),
    Sample(says="open vault", resources=(plan(VAULT, {}),)),
    Sample(
        says="a short lock",
        resources=(
            plan(VAULT, {}),
            plan(LOCK, {"minRetentionDays": 1}),
        ),
    ),
    Sample(says="no vault", resources=(plan(DATABASE, {}),)),
)


LEAST = {"production": 35}


def judge(graph: Resources) -> Iterator[Hit]:
    locks = list(of(graph, LOCK))
    least = LEAST.get(graph.state.tier, 7)
    for one in of(graph, VAULT):
        if not locks:
            yield Hit(urn_path(one), f"{name(one)}: nothing locks this vault")
    if not list(of(graph, VAULT)) and list(of(graph, DATABASE)):
        yield Hit(
            ("infrastructure", "backups", "retention_days"),
            "a database, and no vault that keeps copies of it",
        )
    for one in locks:
        days = value(one, "minRetentionDays")
        if not isinstance(days, int) or days < least:
            yield Hit(
                ("infrastructure", "backups", "minimum_days"),
                f"{name(one)}: {least} days at least, not {says(days)}",
            )
    for one in of(graph, VAULT):
        if value(one, "forceDestroy") not in (MISSING, False):
            yield Hit(
                urn_path(one, "forceDestroy"), f"{name(one)}: deleting the vault would delete its copies"
            )
    for one in of(graph, DATABASE):
        yield from must_be(one, "deleteAutomatedBackups", False, "its backups must outlive it")
