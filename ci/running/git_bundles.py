"""The engine's own source of bundles: commits of this clone, read, compiled, checked against the ledger, accepted.

Never asks Redis, never fetches, and answers with a refusal for whatever it cannot vouch for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ci.errors import InterlockError
from ci.git import Repository
from ci.running.ledger_reader import Proof
from config.bundle import Bundle, PolicyRecord, compile_bundle
from config.findings import Finding, Refused, Severity, whole_file
from config.reading import load
from engine.acceptance import Accepted, accept

UNJUDGED = PolicyRecord(rules=(), code_digest="", findings=0, waived=0)
_KEPT = 64


class GitBundles:
    """Bundles of one environment by commit, each read once."""

    def __init__(
        self, repository: Repository, environment: str, proof: Callable[[str], Proof | None]
    ) -> None:
        self._repository = repository
        self._environment = environment
        self._proof = proof
        self._accepted: dict[str, Accepted] = {}

    def bundles(self, commits: Sequence[str]) -> Sequence[Bundle] | Refused:
        """The accepted bundles of these commits in their order, or every reason of the first that is refused."""
        found = self.accepted(commits)
        return found if isinstance(found, Refused) else [accepted.bundle for accepted in found]

    def accepted(self, commits: Sequence[str]) -> list[Accepted] | Refused:
        """The same, typed."""
        found = []
        for commit in commits:
            accepted = self._accepted.get(commit) or self._read(commit)
            if isinstance(accepted, Refused):
                return accepted
            self._keep(commit, accepted)
            found.append(accepted)
        return found

    def _keep(self, commit: str, accepted: Accepted) -> None:
        self._accepted[commit] = accepted
        while len(self._accepted) > _KEPT:
            del self._accepted[next(iter(self._accepted))]

    def _read(self, commit: str) -> Accepted | Refused:
        try:
            tree = self._repository.commit_tree(commit)
        except InterlockError as error:
            return _refused(f"{error.message}; fetch it into the engine's clone")
        desired = load(tree)
        if isinstance(desired, Refused):
            return desired
        if self._environment not in desired.environments:
            return _refused(f"commit {commit[:12]} has no environment `{self._environment}`")
        proof = self._proof(commit)
        policy = proof.policy if proof else UNJUDGED
        bundle = compile_bundle(desired, self._environment, tree.commit, tree.tree_id, policy)
        return accept(bundle, environment=self._environment, digest=proof.bundle if proof else None)


def _refused(message: str) -> Refused:
    place = whole_file("config")
    return Refused((Finding("GIT030", Severity.ERROR, place, message, "look at the clone the engine reads"),))
