"""Logs, copies, secrets or messages would be encrypted with a key that everybody in the account may use.

Only a key of our own says who may read, and shows in its own log who did.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import UNKNOWN, Hit, Resources
from policies.planned import (
    DATABASE,
    KEY,
    LOG,
    MACHINE,
    SECRET,
    TOPIC,
    VAULT,
    at_least,
    given,
    needs,
    of,
    plan,
)
from policies.rule import Meta, Sample, Scope

NAMED: dict[str, tuple[tuple[str, ...], ...]] = {
    LOG: (("kmsKeyId",),),
    VAULT: (("kmsKeyArn",),),
    SECRET: (("kmsKeyId",),),
    TOPIC: (("kmsMasterKeyId",),),
    MACHINE: (("rootBlockDevice", "kmsKeyId"),),
    DATABASE: (("masterUserSecretKmsKeyId",), ("performanceInsightsKmsKeyId",)),
}
META = Meta(
    id="INF125",
    slug="key_not_ours",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="encrypted with nobody's key",
    fix="name the records key, or the messages key for topics; let a deleted key wait for 14 days at least",
    reads=(
        *(f"resources.{type_}.{keys[0][0]}" for type_, keys in NAMED.items()),
        "resources.aws:kms/key:Key.deletionWindowInDays",
    ),
    source="issue 5 (secrets, alerting, backups), paper 05 6 (the AWS-managed alias lets CloudWatch say nothing)",
)
VALID = (
    Sample(says="a log under the key of the environment", resources=(plan(LOG, {"kmsKeyId": "arn:k"}),)),
    Sample(
        says="ours",
        resources=(plan(TOPIC, {"kmsMasterKeyId": UNKNOWN}), plan(KEY, {"deletionWindowInDays": 30})),
    ),
)
INVALID = (
    Sample(says="no key", resources=(plan(LOG, {}),)),
    Sample(says="Amazon's key", resources=(plan(TOPIC, {"kmsMasterKeyId": "alias/aws/sns"}),)),
    Sample(says="gone in a week", resources=(plan(KEY, {"deletionWindowInDays": 7}),)),
)


LEAST_DAYS = 14


def judge(graph: Resources) -> Iterator[Hit]:
    for type_, named in NAMED.items():
        for one in of(graph, type_):
            for keys in named:
                yield from needs(one, keys, _is_ours, "a key of ours must be named")
    for one in of(graph, KEY):
        keys = ("deletionWindowInDays",)
        yield from needs(one, keys, at_least(LEAST_DAYS), f"a deleted key must wait {LEAST_DAYS} days")


def _is_ours(found: object) -> bool:
    return given(found) and not (isinstance(found, str) and "alias/aws/" in found)
