"""A database, disk or file system would be written in clear, or with a key that is not ours.

A lost disk or snapshot would then be a lost ledger.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, UNKNOWN, Hit, Resources
from policies.planned import CACHE, DATABASE, FILES, must_be, name, of, plan, urn_path, value
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF101",
    slug="database_unencrypted",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="disk without encryption",
    fix="encrypt it with the records key",
    reads=(
        "resources.aws:rds/instance:Instance.storageEncrypted",
        "resources.aws:efs/fileSystem:FileSystem.encrypted",
        "resources.aws:elasticache/replicationGroup:ReplicationGroup.atRestEncryptionEnabled",
    ),
    source="paper 02 5 Infrastructure",
)
VALID = (
    Sample(
        says="disk and cache as well",
        resources=(
            plan(FILES, {"encrypted": True, "kmsKeyId": UNKNOWN}),
            plan(CACHE, {"atRestEncryptionEnabled": True, "kmsKeyId": "arn:k"}),
        ),
    ),
    Sample(
        says="encrypted with our key",
        resources=(plan(DATABASE, {"storageEncrypted": True, "kmsKeyId": UNKNOWN}),),
    ),
)
INVALID = (
    Sample(says="in clear", resources=(plan(DATABASE, {"storageEncrypted": False, "kmsKeyId": "k"}),)),
    Sample(says="not known whether", resources=(plan(FILES, {"encrypted": UNKNOWN, "kmsKeyId": "k"}),)),
    Sample(says="nobody's key", resources=(plan(CACHE, {"atRestEncryptionEnabled": True}),)),
)


KEYS = {DATABASE: "storageEncrypted", FILES: "encrypted", CACHE: "atRestEncryptionEnabled"}


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, *KEYS):
        path = ("infrastructure", "database", "encrypted") if one.type == DATABASE else ()
        yield from must_be(one, KEYS[one.type], True, "what is stored must be encrypted", path)
        if value(one, "kmsKeyId") is MISSING:
            yield Hit(
                urn_path(one, "kmsKeyId"), f"{name(one)}: no key of ours is named; `kmsKeyId` is not set"
            )
