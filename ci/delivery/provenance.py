"""Whether a commit may be made true here: on the protected branch's first-parent line, not older than what ran.

Never looks at the worktree, and never at names or dates a committer wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ci.errors import UsageError
from ci.git import Repository
from config.findings import Finding, Refused, Severity, Span, whole_file

KEYRING = "config/keyring.yaml"
_COMMIT_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_OWN_TIER = "dev"


@dataclass(frozen=True, slots=True)
class Proven:
    """A commit that may be made true, and the branch that proves it."""

    commit: str
    branch: str
    floor: str


def named_commit(repository: Repository, given: str | None) -> str:
    """The commit to act on: a full id, or HEAD resolved once; a name that can move is a usage error."""
    if given is None:
        return repository.resolve("HEAD")
    if not _COMMIT_ID.fullmatch(given):
        try:
            found = repository.resolve(given)
        except UsageError as error:
            raise UsageError(error.message, "give the full commit id, e.g. of `git rev-parse main`") from None
        raise UsageError(f"`{given}` can move between check and use", f"give the commit id itself: {found}")
    return repository.resolve(given)


def untouched_history(repository: Repository) -> tuple[Finding, ...]:
    """Findings when this clone cannot show the history that was pushed."""
    found = []
    if repository.is_shallow():
        found.append(
            _refusal(
                "GIT101",
                whole_file(".git/shallow"),
                "history is cut off: this clone is shallow, so nothing can be proven about the branch",
                "run `git fetch --unshallow` (in CI: check out with full history, `fetch-depth: 0`)",
            )
        )
    if repository.has_rewritten_history():
        found.append(
            _refusal(
                "GIT102",
                whole_file(".git/refs/replace"),
                "replace refs or grafts show another history here than the one that was pushed",
                "remove them (`git replace -d ID`, `.git/info/grafts`) or work in a fresh clone",
            )
        )
    return tuple(found)


def prove(
    repository: Repository, commit: str, *, floor: str, branch: str, branch_place: Span, tier: str
) -> Proven | Refused:
    """Judge `commit` against the protected branch and the newest commit the ledger names (`floor`, may be empty).

    Holds only in a clone that `untouched_history` has nothing against.
    """
    found = _off_the_line(repository, commit, branch, branch_place, tier)
    found += _older_than_floor(repository, commit, floor)
    return Refused(tuple(found)) if found else Proven(commit, branch, floor)


def branch_tips(repository: Repository, branch: str, tier: str) -> dict[str, str]:
    """The refs that stand for the protected branch: what `origin` last showed, or the local branch without one.

    In tier dev, an engineer's own machine, the local branch counts as well: commits wait there to be pushed.
    """
    local, tracked = f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"
    tips = {ref: tip for ref in (tracked, local) if (tip := _tip(repository, ref))}
    if tier != _OWN_TIER and tracked in tips:
        tips.pop(local, None)
    return tips


def _off_the_line(repository: Repository, commit: str, branch: str, place: Span, tier: str) -> list[Finding]:
    tips = branch_tips(repository, branch, tier)
    if not tips:
        message = f"the protected branch `{branch}` is not in this clone"
        return [_refusal("GIT103", place, message, f"run `git fetch origin {branch}`")]
    if commit in tips.values() or any(commit in repository.first_parents(tip) for tip in tips.values()):
        return []
    return [
        _refusal(
            "GIT104",
            place,
            f"commit {commit[:12]} is not on the first-parent line of the protected branch `{branch}`",
            f"merge it into `{branch}` by a reviewed pull request, then reconcile the merge"
            f" (looked at {', '.join(tips)}; `git fetch` if it was merged already)",
        )
    ]


def _older_than_floor(repository: Repository, commit: str, floor: str) -> list[Finding]:
    if not floor or floor == commit:
        return []
    place = whole_file(KEYRING)
    if not repository.exists(floor):
        message = f"the ledger names commit {floor[:12]}, which this clone does not have"
        return [_refusal("GIT105", place, message, "fetch the protected branch, then try again")]
    if repository.is_ancestor(floor, commit):
        return []
    kind = "is older than" if repository.is_ancestor(commit, floor) else "does not descend from"
    message = f"commit {commit[:12]} {kind} {floor[:12]}, the newest commit the ledger names"
    return [
        _refusal("GIT106", place, message, "to go back, merge a new commit that restores the earlier values")
    ]


def _tip(repository: Repository, ref: str) -> str:
    try:
        return repository.resolve(ref)
    except UsageError:
        return ""


def _refusal(rule: str, place: Span, message: str, help: str) -> Finding:
    return Finding(rule, Severity.ERROR, place, message, help)
