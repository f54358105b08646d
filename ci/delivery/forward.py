"""Values copied into an environment file, one line per key, as a commit on a branch of its own.

Never touches the worktree, the index or an existing branch, and never judges: `check` does, on the commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ci.delivery.source import Source
from ci.errors import UsageError
from ci.git import Repository
from config.desired import environment_file
from config.document import KeyPath, dotted
from config.edit import set_value
from config.findings import Refused
from config.models.environment import Environment
from config.schema_walk import walk

_TIERS = ("dev", "staging", "production")
_OWN = ("environment", "tier", "url", "account", "database", "redis", "secrets", "infrastructure")


@dataclass(frozen=True, slots=True)
class Edit:
    """One key that changes."""

    path: KeyPath
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Prepared:
    """A commit that waits for its review."""

    branch: str
    commit: str
    base: str
    edits: tuple[Edit, ...]


def promote(
    repository: Repository, source: str, target: str, keys: Iterable[str], branch: str
) -> Prepared | Refused:
    """Copy values of `keys` (or of everything below them) from one environment to the next tier's."""
    base = repository.resolve("HEAD")
    giver, taker = _environment(repository, base, source), _environment(repository, base, target)
    if _TIERS.index(taker.tier) != _TIERS.index(giver.tier) + 1:
        raise UsageError(
            f"`{source}` ({giver.tier}) is not one tier below `{target}` ({taker.tier})",
            "promote leads one tier up: dev, staging, production; to go back: `interlock rollback`",
        )
    wanted = _values(giver)
    chosen = {path: wanted[path] for key in keys for path in _below(key, wanted, source)}
    return _prepare(repository, base, target, taker, chosen, branch, f"Promote {', '.join(keys)} to {target}")


def rollback(repository: Repository, name: str, to: str, branch: str) -> Prepared | Refused:
    """Restore every value the environment had at an earlier commit; history only goes forward."""
    base, earlier = repository.resolve("HEAD"), repository.resolve(to)
    if not repository.is_ancestor(earlier, base):
        raise UsageError(
            f"{earlier[:12]} is no earlier commit of this line", "give a commit of the history of HEAD"
        )
    now, then = _environment(repository, base, name), _environment(repository, earlier, name)
    old, new = _values(then), _values(now)
    if missing := sorted(dotted(path) for path in old.keys() ^ new.keys()):
        raise UsageError(
            f"`{missing[0]}` stands in one of both versions only (and {len(missing) - 1} more such keys)",
            "a rollback restores values, not structure: add or remove those keys by hand, then roll back",
        )
    message = f"Roll {name} back to {earlier[:12]}"
    return _prepare(repository, base, name, now, old, branch, message)


def _prepare(
    repository: Repository,
    base: str,
    name: str,
    now: Environment,
    wanted: dict[KeyPath, Any],
    branch: str,
    message: str,
) -> Prepared | Refused:
    values, file = _values(now), environment_file(name)
    edits = tuple(
        Edit(path, values[path], value)
        for path, value in wanted.items()
        if path in values and values[path] != value
    )
    if not edits:
        raise UsageError(f"`{name}` has these values already", "nothing was written")
    blob = repository.commit_tree(base).read(file)
    text = blob.data.decode() if blob else ""
    for edit in edits:
        written = set_value(file, text, edit.path, edit.after, Environment)
        if isinstance(written, Refused):
            return written
        text = written
    body = "".join(f"{dotted(each.path)}: {each.before} -> {each.after}\n" for each in edits)
    commit = repository.commit_files({file: text.encode()}, f"{message}\n\n{body}", at=base, branch=branch)
    return Prepared(branch, commit, base, edits)


def _below(key: str, values: dict[KeyPath, Any], source: str) -> list[KeyPath]:
    prefix = tuple(key.split("."))
    if prefix[0] in _OWN:
        raise UsageError(
            f"`{key}` belongs to each environment alone", "it cannot be promoted; edit it by hand"
        )
    found = [path for path in values if tuple(map(str, path[: len(prefix)])) == prefix]
    if not found:
        raise UsageError(
            f"`{source}` has no key `{key}`", f"see them with `interlock bundle show --env {source}`"
        )
    return found


def _values(environment: Environment) -> dict[KeyPath, Any]:
    return {path: value for path, value, _ in walk(environment)}


def _environment(repository: Repository, commit: str, name: str) -> Environment:
    state = Source(repository, name).desired(commit)
    if name not in state.environments:
        raise UsageError(
            f"commit {commit[:12]} has no environment `{name}`",
            f"one of: {', '.join(sorted(state.environments))}",
        )
    return state.environments[name]
