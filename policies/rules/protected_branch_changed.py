"""Another branch becomes the one whose commits may be reconciled."""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Change, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="GIT003",
    slug="protected_branch_changed",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    title="protected branch changed",
    fix="keep the branch, or add a waiver; reconcile reads it at the last receipt's commit",
    reads=("catalogue.keyring",),
    source="paper 00 3 (reconcile acts on the protected branch's first-parent line)",
)
VALID = (Sample(says="the same branch", catalogue_before={}),)
INVALID = (
    Sample(
        says="another branch",
        catalogue={"catalogue.keyring.protected_branch": "feature"},
        catalogue_before={},
    ),
)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("catalogue", "keyring"):
        was = Also(key.path, f"was {key.before}", base=True)
        yield Hit(key.path, f"`{key.path[-1]}` changes from {key.before} to {key.after}", related=(was,))
