"""The engine has no password of its own for its records, or its references do not name this environment.

Without one it would be given a wider role "for now"; with another environment's name in it, it is another's.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="SEC004",
    slug="secret_missing",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="secret missing",
    fix="refer to a secret of each role the engine uses: `paper_database`, and `live_database` with a live venue",
    reads=("secrets",),
    source="paper 04 (paper process holds only its own role), seed 002 (Secrets Inventory)",
)
VALID = (Sample(says="its own"),)
INVALID = (
    Sample(says="none", edits={"secrets.paper_database": MISSING}),
    Sample(
        says="another's",
        edits={"secrets.paper_database.reference": "aws-sm:interlock/staging/paper-database"},
    ),
)


def judge(state: State) -> Iterator[Hit]:
    secrets = state.environment.secrets
    if "paper_database" not in secrets:
        yield Hit(("secrets",), "the role of paper records has no secret `paper_database`")
    for name, secret in secrets.items():
        if state.name not in secret.reference.replace("_", "/").replace(":", "/").split("/"):
            message = f"`{secret.reference}` does not name `{state.name}`, whose secret it is"
            yield Hit(("secrets", name, "reference"), message)
