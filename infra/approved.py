"""Which stores of an environment people approved to replace or delete; their dates are judged elsewhere, never here."""

from __future__ import annotations

from pathlib import Path

from config.findings import Refused
from config.tree import FolderTree
from policies.approval_file import read_approvals


def approved(root: Path, environment: str) -> frozenset[str] | str:
    """Names of stores; a sentence with its place when the file is refused."""
    found = read_approvals(FolderTree(root))
    if isinstance(found, Refused):
        first = found.findings[0]
        return f"{first.span.file}:{first.span.line}:{first.span.column}: {first.message}"
    return frozenset(one.resource for one in found if one.environment == environment)
