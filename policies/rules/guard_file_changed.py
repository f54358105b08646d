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
VALID = (
    Sample(says="an environment", changed=("config/environments/dev.yaml",)),
    Sample(says="a document", changed=("docs/config.py.md", "README.md")),
)
INVALID = (
    Sample(says="the calendar", changed=("config/calendar.yaml",)),
    Sample(says="a waiver", changed=("config/records/waivers.yaml",)),
    Sample(says="a rule", changed=("policies/rules/live_trading_in_dev.py",)),
    Sample(says="two rules", changed=("policies/rules/alerts_off.py", "policies/rules/paging_off.py")),
    Sample(says="a workflow", changed=(".github/workflows/pull-request.yml",)),
    Sample(says="the writer of configuration", changed=("config/edit.py",)),
    Sample(says="what a check is built from", changed=("requirements.lock",)),
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
    "ci/",
    ".ci/",
    ".github/",
    ".gitattributes",
    ".gitmodules",
    ".pre-commit",
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
)
"""What judges, what it judges by, and what sets both up."""


def judge(files: Files) -> Iterator[Hit]:
    guarded: dict[str, list[str]] = {}
    for file in files.changed:
        guard = next((one for one in _GUARDS if file.startswith(one)), "config/*.py")
        if guard in _GUARDS or (file.startswith("config/") and file.endswith(".py")):
            guarded.setdefault(guard, []).append(file)
    for guard, changed in guarded.items():
        more = f", like {len(changed) - 1} more of `{guard}`" if len(changed) > 1 else ""
        yield Hit((), f"this file guards the others and changes{more}", spot=Spot(changed[0], 1, 1, 1))
