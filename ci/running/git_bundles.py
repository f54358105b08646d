"""The engine's own source of bundles: commits of this clone, read, compiled, accepted, and held against the ledger.

Never asks Redis, never fetches, and answers with a refusal for whatever it cannot vouch for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ci.errors import InterlockError
from ci.git import Repository
from ci.running.ledger_reader import Proof
from config.bundle import Bundle, PolicyRecord, compile_bundle
from config.digest import plain
from config.document import Document
from config.findings import Finding, Refused, Severity, whole_file
from config.reading import load
from config.reading.load import Language
from config.tree import Blob
from engine.acceptance import Accepted, accept

UNJUDGED = PolicyRecord(rules=(), code_digest="", findings=0, waived=0)
_KEPT = 64


class _Known(Language):
    """Documents by the blob they were read from: of a new commit only the changed files are read."""

    def __init__(self) -> None:
        self._documents: dict[tuple[str, str], Document[Any]] = {}

    def read(self, file: str, blob: Blob, cls: type[Any]) -> Document[Any] | Refused:
        known = self._documents.pop((file, blob.id), None)
        if known is not None:
            self._documents[file, blob.id] = known  # the newest again
            return known
        read = super().read(file, blob, cls)
        if isinstance(read, Document):
            self._documents[file, blob.id] = read
            _forget(self._documents)
        return read


class GitBundles:
    """Bundles of one environment by commit, each read once; what the ledger proved of it is added when known."""

    def __init__(
        self, repository: Repository, environment: str, proof: Callable[[str], Proof | None]
    ) -> None:
        self._repository = repository
        self._environment = environment
        self._proof = proof
        self._read: dict[str, Accepted] = {}
        self._proven: dict[tuple[str, Proof], Accepted] = {}
        self._language = _Known()
        self._lock = threading.Lock()

    def bundles(self, commits: Sequence[str]) -> Sequence[Bundle] | Refused:
        """The accepted bundles of these commits in their order, or every reason of the first that is refused."""
        found = self.accepted(commits)
        return found if isinstance(found, Refused) else [accepted.bundle for accepted in found]

    def accepted(self, commits: Sequence[str]) -> list[Accepted] | Refused:
        """The same, typed."""
        found = []
        for commit in commits:
            accepted = self._one(commit)
            if isinstance(accepted, Refused):
                return accepted
            found.append(accepted)
        return found

    def warm(self, commit: str) -> None:
        """Read a commit before anybody asks for it; a refusal is found again when it counts."""
        with self._lock:
            self._known(commit)

    def _one(self, commit: str) -> Accepted | Refused:
        with self._lock:
            accepted = self._known(commit)
            proof = self._proof(commit)
            if isinstance(accepted, Refused) or proof is None:
                return accepted
            stamped = self._proven.get((commit, proof)) or _stamped(accepted, proof)
            if isinstance(stamped, Accepted):
                self._proven[commit, proof] = stamped
                _forget(self._proven)
            return stamped

    def _known(self, commit: str) -> Accepted | Refused:
        known = self._read.get(commit)
        if known is not None:
            return known
        fresh = self._accept(commit)
        if isinstance(fresh, Accepted):
            self._read[commit] = fresh
            _forget(self._read)
        return fresh

    def _accept(self, commit: str) -> Accepted | Refused:
        try:
            tree = self._repository.commit_tree(commit)
            desired = load(tree, self._language)
        except InterlockError as error:
            return _refused(f"{error.message}; fetch it into the engine's clone")
        if isinstance(desired, Refused):
            return desired
        if self._environment not in desired.environments:
            return _refused(f"commit {commit[:12]} has no environment `{self._environment}`")
        bundle = compile_bundle(desired, self._environment, tree.commit, tree.tree_id, UNJUDGED)
        return accept(bundle, environment=self._environment)


def _stamped(accepted: Accepted, proof: Proof) -> Accepted | Refused:
    """The bundle as reconcile compiled it: with its policy record, and the digest the ledger names."""
    bundle = replace(accepted.bundle, policy=plain(proof.policy))
    if bundle.digest != proof.bundle:
        return _refused(
            f"commit {bundle.commit[:12]} compiles to bundle {bundle.digest[:12]}, the ledger says {proof.bundle[:12]}"
        )
    return replace(accepted, bundle=bundle)


def _forget(kept: dict[Any, Any]) -> None:
    """The oldest goes first."""
    while len(kept) > _KEPT:
        del kept[next(iter(kept))]


def _refused(message: str) -> Refused:
    place = whole_file("config")
    return Refused((Finding("GIT030", Severity.ERROR, place, message, "look at the clone the engine reads"),))
