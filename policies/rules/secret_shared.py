"""Two environments, or two uses, refer to the same secret.

Who may read staging's secret may then open production; a rotation of one breaks the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Also, Fleet, Hit, Path
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="SEC002",
    slug="secret_shared",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="secret shared between environments",
    fix="make a secret per environment",
    reads=("secrets.*.reference", "venue.credentials.key", "venue.credentials.secret"),
    source="seed 002 (Secrets Inventory, separate accounts), least privilege",
)
VALID = (Sample(says="secrets of their own", others={"staging": {}}),)
INVALID = (
    Sample(
        says="production's secret in staging",
        others={
            "staging": {"secrets.paper_database.reference": "aws-sm:interlock/production/paper-database"}
        },
    ),
)


def judge(fleet: Fleet) -> Iterator[Hit]:
    seen: dict[object, tuple[str, tuple[str | int, ...]]] = {}
    paths = [path for path in fleet.paths() if _refers(path)]
    for values in zip(*map(fleet.each, paths), strict=True):
        for path, (name, value) in zip(paths, values, strict=True):
            if value is None or value is MISSING:
                continue
            if value in seen:
                other, where = seen[value]
                also = (Also(where, f"also in {other}", other),)
                yield Hit(path, f"`{value}` is referred to twice", environment=name, related=also)
            seen.setdefault(value, (name, path))


def _refers(path: Path) -> bool:
    is_reference = path[0] == "secrets" and path[-1] == "reference"
    return is_reference or (path[:2] == ("venue", "credentials") and path[-1] != "scope")
