"""Staging or production reads a secret from a file.

A file has no rotation, no access record and is in every backup of the disk.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="SEC003",
    slug="file_secret_outside_dev",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    tiers=(
        "staging",
        "production",
    ),
    title="secret from a file outside dev",
    fix="refer to the secret store: `aws-sm:` or `aws-ssm:`",
    reads=("secrets.*.reference", "venue.credentials"),
    source="seed 002 (Storage: local file on VPS, to be left behind), paper 02 5 (secrets only by reference)",
)
VALID = (
    Sample(says="a file in dev", tier="dev"),
    Sample(says="a store in production"),
)
INVALID = (Sample(says="a file in production", edits={"secrets.paper_database.reference": "file:paper"}),)


def judge(state: State) -> Iterator[Hit]:
    for path, value in state.judged_keys():
        if path[0] in ("secrets", "venue") and isinstance(value, str) and value.startswith("file:"):
            yield Hit(path, f"tier `{state.tier}` reads `{dotted(path)}` from a file")
