"""Which trees a check looks at: what would be, and what was before it.

Never judges; a merge that does not come out by itself is a refusal here already.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from unicodedata import normalize

from ci.git import CommitTree, Conflict, Repository
from config.findings import Finding, Refused, Severity, whole_file
from config.reading.problem import clip
from config.record import record
from config.tree import LINK, SUBMODULE, Tree

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
    made = _sides(repository, source, base)
    if isinstance(made, Refused):
        return made
    found = tuple(_unlike_config(_at_root(repository, made.head)))
    return Refused(found) if found else made


def _sides(repository: Repository, source: str, base: str | None) -> Sides | Refused:
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


def _at_root(repository: Repository, head: Tree) -> list[tuple[str, str]]:
    """Names and modes at the root of the judged tree."""
    if isinstance(head, CommitTree):
        return [(name, mode) for name, mode, _ in repository.list_tree(head.tree_id, "", recursive=False)]
    return [(name, "") for name in os.listdir(repository.root)]


def _unlike_config(names: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """A `config` that is no folder, and names that some file systems take for it."""
    for name, mode in names:
        place = whole_file(clip(name))
        if name == "config" and mode in (LINK, SUBMODULE):
            what = "a symbolic link" if mode == LINK else "a submodule"
            message = f"`config` is {what}, so what it holds is not in this tree"
            yield Finding("CFG008", Severity.ERROR, place, message, "make it a folder of regular files")
        elif name != "config" and normalize("NFKC", name).casefold().rstrip(". ") == "config":
            message = f"some file systems take `{clip(name)}` for `config`, and would mix what both hold"
            yield Finding("CFG010", Severity.ERROR, place, message, "rename it")


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
