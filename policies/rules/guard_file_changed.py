"""A file that guards the others changes: what decides about loosening, or who may.

Shown apart, because its reviewers are other people: the owners named in CODEOWNERS for these paths.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Files, Hit, Spot
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="GIT002",
    slug="guard_file_changed",
    severity=Severity.WARNING,
    scope=Scope.FILES,
    title="guard file changed",
    fix="have the owners of the guard files review this change as well",
    reads=("texts",),
    source="paper 02 1 (guard files), paper 06 A8 and A21 (exceptions widen; who decides is decided by base)",
)
VALID = (Sample(says="an environment", changed=("config/environments/dev.yaml",)),)
INVALID = (
    Sample(says="the calendar", changed=("config/calendar.yaml",)),
    Sample(says="a waiver", changed=("config/records/waivers.yaml",)),
    Sample(says="a rule", changed=("policies/rules/live_trading_in_dev.py",)),
    Sample(says="a workflow", changed=(".github/workflows/pull-request.yml",)),
)
_GUARDS = (
    "policies/",
    "config/reading/",
    "config/models/",
    "config/records/",
    "config/calendar.yaml",
    "config/flags.yaml",
    "config/keyring.yaml",
    "config/parity.yaml",
    "config/rollouts.yaml",
    "config/venues.yaml",
    "ci/judging/",
    ".github/",
    ".gitattributes",
)


def judge(files: Files) -> Iterator[Hit]:
    for file in files.changed:
        if file.startswith(_GUARDS):
            yield Hit((), "this file guards the others and changes", spot=Spot(file, 1, 1, 1))
