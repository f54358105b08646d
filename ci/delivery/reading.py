"""Looking without touching: an environment at a commit, and the rows of its ledger through the reader's role."""

from __future__ import annotations

from pathlib import Path

from ci.delivery.errors import reaching
from ci.delivery.ledger import Entry, Ledger
from ci.delivery.source import Source
from ci.errors import UnreachableError, UsageError
from ci.git import Repository
from config.findings import Refused
from config.models.environment import Environment
from engine.stores import postgres


def environment_at(repository: Repository, ref: str, name: str) -> Environment:
    """The environment as the commit says; UsageError when it says nothing readable."""
    commit = repository.resolve(ref)
    state = Source(repository, name).state(commit)
    if isinstance(state, Refused):
        first = state.findings[0]
        place = f"{first.span.file}:{first.span.line}:{first.span.column}"
        raise UsageError(
            f"commit {commit[:12]} cannot be read: {place} {first.message}", "`interlock check` says all"
        )
    if name not in state.environments:
        raise UsageError(
            f"commit {commit[:12]} has no environment `{name}`",
            f"one of: {', '.join(sorted(state.environments))}",
        )
    return state.environments[name]


def ledger_rows(repository: Repository, ref: str, name: str, state: Path) -> tuple[Entry, ...]:
    """Every row of the ledger that the environment's database holds."""
    environment = environment_at(repository, ref, name)
    role = f"ledger_{name.replace('-', '_')}_reader"
    file = state / "secrets" / role
    try:
        password = file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise UnreachableError(
            f"no password of role `{role}` in {file.parent}",
            f"`interlock reconcile --env {name} --apply` makes the ledger",
        ) from None
    with reaching(environment), postgres(environment.database, user=role, password=password) as connection:
        return Ledger(connection, name).entries()
