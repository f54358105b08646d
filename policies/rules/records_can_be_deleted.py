"""A store of records could be deleted by one call, or without a last copy.

The wrong stack name in a terminal is enough otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Hit, Resources
from policies.planned import (
    CACHE,
    DATABASE,
    HOLDS_RECORDS,
    KEY,
    MACHINE,
    SECRET,
    at_least,
    must_be,
    name,
    of,
    plan,
    says,
    urn_path,
    value,
)
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF106",
    slug="records_can_be_deleted",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="records that one call deletes",
    fix="turn deletion protection on and keep a final snapshot",
    reads=(
        "resources.aws:rds/instance:Instance",
        "resources.aws:elasticache/replicationGroup:ReplicationGroup",
        "resources.aws:efs/fileSystem:FileSystem",
        "resources.aws:kms/key:Key",
        "resources.aws:backup/vault:Vault",
        "resources.aws:secretsmanager/secret:Secret",
        "resources.aws:ec2/instance:Instance.disableApiTermination",
    ),
    source="paper 02 5 Infrastructure",
    tiers=("staging", "production"),
)
VALID = (
    Sample(
        says="a cache, a key, a secret and a machine",
        resources=(
            plan(CACHE, {"finalSnapshotIdentifier": "f"}, protect=True),
            plan(KEY, {}, protect=True),
            plan(SECRET, {"recoveryWindowInDays": 7}, protect=True),
            plan(
                MACHINE,
                {"disableApiTermination": True, "rootBlockDevice": {"deleteOnTermination": False}},
                protect=True,
            ),
        ),
    ),
    Sample(
        says="kept",
        resources=(
            plan(
                DATABASE,
                {"deletionProtection": True, "skipFinalSnapshot": False, "finalSnapshotIdentifier": "f"},
                protect=True,
            ),
        ),
    ),
)
INVALID = (
    Sample(
        says="a secret gone at once", resources=(plan(SECRET, {"recoveryWindowInDays": 0}, protect=True),)
    ),
    Sample(says="a machine that one call ends", resources=(plan(MACHINE, {}),)),
    Sample(
        says="deletable",
        resources=(
            plan(
                DATABASE,
                {"deletionProtection": False, "skipFinalSnapshot": False, "finalSnapshotIdentifier": "f"},
                protect=True,
            ),
        ),
    ),
    Sample(
        says="no last copy",
        resources=(
            plan(
                DATABASE,
                {"deletionProtection": True, "skipFinalSnapshot": True, "finalSnapshotIdentifier": "f"},
                protect=True,
            ),
        ),
    ),
    Sample(says="nameless copy", resources=(plan(CACHE, {}, protect=True),)),
    Sample(says="not protected", resources=(plan(KEY, {}),)),
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, DATABASE):
        yield from must_be(
            one,
            "deletionProtection",
            True,
            "AWS must refuse to delete it",
            ("infrastructure", "database", "deletion_protection"),
        )
        yield from must_be(one, "skipFinalSnapshot", False, "a last copy must be kept")
    for one in of(graph, DATABASE, CACHE):
        if not isinstance(value(one, "finalSnapshotIdentifier"), str):
            yield Hit(urn_path(one, "finalSnapshotIdentifier"), f"{name(one)}: the last copy has no name")
    for one in of(graph, SECRET):
        days = value(one, "recoveryWindowInDays")
        if days is not MISSING and not at_least(7)(days):
            message = (
                f"{name(one)}: a deleted secret can be brought back for 7 days at least, not {says(days)}"
            )
            yield Hit(urn_path(one, "recoveryWindowInDays"), message)
    for one in of(graph, *HOLDS_RECORDS):
        if not one.protect:
            yield Hit(
                urn_path(one, "protect"), f"{name(one)}: holds records and is not protected in the program"
            )
    for one in of(graph, MACHINE):
        yield from must_be(one, "disableApiTermination", True, "one call must not end the machine")
        if value(one, "rootBlockDevice", "deleteOnTermination") is not False:
            yield Hit(urn_path(one, "rootBlockDevice"), f"{name(one)}: its disk must outlive it")
