"""Which trees a check looks at: what would be, and what was before it.

Never judges; a merge that does not come out by itself is a refusal here already.
"""

from __future__ import annotations

from ci.git import Conflict, Repository
from config.findings import Finding, Refused, Severity, whole_file
from config.record import record
from config.tree import Tree

STAGED = "--staged"
WORKTREE = "--worktree"


@record
class Sides:
    """The judged tree and its base, with the commits they come from (empty where there is none).

    is_change: a commit merged into its base, which base's own code decides; changed: every path that differs then.
    """

    head: Tree
    base: Tree | None
    head_commit: str
    base_commit: str
    notes: tuple[str, ...] = ()
    is_change: bool = False
    changed: tuple[str, ...] = ()


def sides(repository: Repository, source: str, base: str | None) -> Sides | Refused:
    """The trees behind `--staged`, `--worktree` or a ref; a ref is judged as merged into its base."""
    base_commit = repository.resolve(base) if base is not None else ""
    before = repository.commit_tree(base_commit) if base_commit else None
    if source == STAGED:
        return Sides(repository.staged_tree(), before, "", base_commit)
    if source == WORKTREE:
        return Sides(repository.worktree(), before, "", base_commit, _differing(repository))
    commit = repository.resolve(source)
    if before is None:
        return Sides(repository.commit_tree(commit), None, commit, "")
    merged = repository.merged_tree(base_commit, commit)
    if isinstance(merged, Conflict):
        return Refused(tuple(_conflict(file, base_commit) for file in merged.files))
    changed = repository.changed_paths(before.tree_id, merged.tree_id)
    return Sides(merged, before, commit, base_commit, is_change=True, changed=changed)


def _differing(repository: Repository) -> tuple[str, ...]:
    """Files whose bytes on disk are not what a commit would hold."""
    return tuple(path for path in repository.dirty_paths("config") if path.endswith(".yaml"))


def _conflict(file: str, base: str) -> Finding:
    return Finding(
        rule="GIT001",
        severity=Severity.ERROR,
        span=whole_file(file),
        message=f"conflicts with base {base[:12]}, so nobody knows what a merge would hold",
        help="merge or rebase onto the base, resolve the file, and check again",
    )
